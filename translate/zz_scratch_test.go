package translate

import (
	"fmt"
	"os"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
)

func TestScratch(t *testing.T) {
	dir := os.Getenv("SCRATCH")
	if dir == "" {
		t.Skip()
	}
	p, ds := Load(t.Context(), Options{Dir: dir})
	ds.Print(os.Stdout)
	if p == nil {
		return
	}
	f := plan.Facts{}
	if os.Getenv("KNOWN") != "" {
		f = plan.Facts{Partition: "aws", Account: "123456789012", Region: "eu-central-1", VPC: "vpc-1", Subnets: []string{"subnet-1", "subnet-2"}, PublicIP: true}
	}
	s, ds := p.Stack(f)
	ds.Print(os.Stdout)
	if s == nil {
		return
	}
	data, err := StackJSON(s)
	fmt.Println(string(data), err)
	for _, d := range TaskDefinitions(s) {
		fmt.Println(d.Name, string(d.JSON), d.Placeholders)
	}
}
