package diag_test

import (
	"encoding/json"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
)

func TestPathsPrintAsMessagesWriteThem(t *testing.T) {
	for want, p := range map[string]diag.Path{
		"":                           nil,
		"services":                   {"services"},
		"services.web.ports[0]":      {"services", "web", "ports", "0"},
		"services.1.ports[0].target": {"services", "1", "ports", "0", "target"},
		"services.web.args[1][2]":    {"services", "web", "args", "1", "2"},
		"services.web.ports[0].port": diag.Path{"services"}.Key("web").Key("ports").Item(0).Key("port"),
		"desiredCount":               diag.Path(nil).Key("desiredCount"),
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTwoPathsMadeFromOneDoNotShareMemory(t *testing.T) {
	parent := append(make(diag.Path, 0, 8), "services", "web")
	one, other := parent.Key("image"), parent.Key("build")
	item, next := parent.Item(0), parent.Item(1)
	if one[2] != "image" || other[2] != "build" || item[2] != "0" || next[2] != "1" {
		t.Errorf("got %v, %v, %v, %v", one, other, item, next)
	}
	one[0] = "changed"
	if parent[0] != "services" {
		t.Error("a path shares memory with the one that it was made from")
	}
}

func TestAPathIsAListInJSON(t *testing.T) {
	text, err := json.Marshal(diag.Path{"environment", "A.B"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(text), `["environment","A.B"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
