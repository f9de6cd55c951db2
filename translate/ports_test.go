package translate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
)

func TestExpose(t *testing.T) {
	type result struct {
		from, to int
		protocol string
		ok       bool
	}
	for text, want := range map[string]result{
		"80":             {80, 80, "tcp", true},
		"80/tcp":         {80, 80, "tcp", true},
		"53/UDP":         {53, 53, "udp", true},
		"8000-8002":      {8000, 8002, "tcp", true},
		"500-501/udp":    {500, 501, "udp", true},
		"1-65535":        {1, 65535, "tcp", true},
		"2905/sctp":      {2905, 2905, "sctp", true}, // refused later
		"":               {},
		"http":           {},
		"0":              {0, 0, "tcp", false},
		"65536":          {65536, 65536, "tcp", false},
		"9-8":            {9, 8, "tcp", false},
		"-1":             {},
		"80-":            {},
		"80:80":          {},
		"99999999999999": {},
	} {
		var got result
		got.from, got.to, got.protocol, got.ok = parseExpose(text)
		if got.ok != want.ok || got.ok && got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.1.2.3": true, "::1": true, "localhost": true,
		"": false, "0.0.0.0": false, "::": false, "192.168.0.1": false, "example": false,
	} {
		if got := loopback(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}

func TestAPortBelongsToOneContainerOfATask(t *testing.T) {
	const file = `
name: ports
services:
  web: {image: nginx, ports: ["8080:8080"], expose: ["53/udp"]}
  cache: {image: redis, network_mode: "service:web"}
  proxy: {image: nginx, network_mode: "service:web"}
  other: {image: nginx}
`
	p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(file)})
	if p == nil {
		t.Fatal(printed(ds))
	}
	b := newBase(p, plan.Facts{})
	groupTasks(b)
	ports := findPorts(b, findNames(b))
	for service, want := range map[string]string{
		"web": "53/udp 8080/tcp 80/tcp", "cache": "6379/tcp", "proxy": "", "other": "80/tcp",
	} {
		var got []string
		for _, open := range ports.of(service) {
			got = append(got, fmt.Sprintf("%d/%s", open.port, open.protocol))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: got %s, want %s", service, text, want)
		}
	}
}
