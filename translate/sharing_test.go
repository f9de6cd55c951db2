package translate

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/translate/compose"
)

func TestAContainerIsNamedAsDockerComposeNamesIt(t *testing.T) {
	p := &Project{Project: &compose.Project{Name: "shop", Compose: &types.Project{Services: types.Services{
		"db":  {Name: "db", ContainerName: "postgres"},
		"web": {Name: "web"},
	}}}}
	for text, want := range map[string]string{
		"postgres": "db", "db": "db", "shop-web-1": "web", "web": "web", "shop-db-1": "", "other": "",
	} {
		if got := p.serviceOfName(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"db": "db", "db:ro": "db ro", "db:rw": "db", "container:postgres": "db", "container:postgres:ro": "db ro", "container:x:ro": " ro",
	} {
		service, readOnly := p.volumesOf(text)
		if readOnly {
			service += " ro"
		}
		if service != want {
			t.Errorf("%s: got %q, want %q", text, service, want)
		}
	}
}
