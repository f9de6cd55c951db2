package translate

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
)

func TestScratchCorpus(t *testing.T) {
	dir := os.Getenv("CORPUS")
	if dir == "" {
		t.Skip()
	}
	manifest, _ := os.Open(filepath.Join(dir, "manifest.tsv"))
	for lines := bufio.NewScanner(manifest); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) < 8 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		root := filepath.Join(dir, strings.ReplaceAll(fields[0], "/", "__"))
		p, loaded := Load(t.Context(), Options{Dir: root, Files: strings.Split(fields[2], ",")})
		if p == nil {
			fmt.Println("NOLOAD", fields[0], fields[2])
			continue
		}
		_, ds := p.Stack(knownFacts)
		for _, d := range ds {
			fmt.Println("STACK", d.Severity, strings.ReplaceAll(d.String(), "\n", " "))
		}
		for _, d := range loaded { if d.Severity == diag.Error { fmt.Println("LOAD", d) } }
	}
}
