package diag

import (
	"fmt"
	"strings"
	"testing"
)

func TestWhatSaysTheSameIsOneLine(t *testing.T) {
	at := func(line int) Pos { return Pos{File: "compose.yaml", Line: line, Column: 5} }
	for _, c := range []struct {
		name string
		said func(*List)
		want string
	}{
		{"the ports of a range", func(l *List) {
			for port := range 201 {
				l.Errorf(at(4), fmt.Sprintf("services.sip.ports[%d]", port), "name port "+fmt.Sprint(32000+port), "port %d/udp has no check", 32000+port)
			}
		}, "compose.yaml:4:5: error: services.sip.ports[0]: port 32000/udp has no check (the same for 32001-32200: 200 more)\n  help: name port 32000\n"},
		{"the ports of a list", func(l *List) {
			for i, port := range []int{53, 80, 81, 8080} {
				l.Notef(at(4+i), fmt.Sprintf("services.web.ports[%d]", i), "", "port %d stays private", port)
			}
		}, "compose.yaml:4:5: note: services.web.ports[0]: port 53 stays private (the same for 80-81, 8080: 3 more)\n"},
		{"two ports at two places", func(l *List) {
			l.Notef(at(4), "services.web.ports[0]", "", "port 53 stays private")
			l.Notef(at(5), "services.web.ports[1]", "", "port 80 stays private")
		}, "compose.yaml:4:5: note: services.web.ports[0]: port 53 stays private\ncompose.yaml:5:5: note: services.web.ports[1]: port 80 stays private\n"},
		{"what services have from an anchor", func(l *List) {
			l.Warnf(at(2), "services.b.cap_add", "leave it out", "no capability")
			l.Warnf(at(2), "services.a.cap_add", "leave it out", "no capability")
		}, "compose.yaml:2:5: warning: services.a.cap_add: no capability (the same at services.b.cap_add)\n  help: leave it out\n"},
		{"a warning at several places", func(l *List) {
			for i, name := range []string{"a", "b", "c"} {
				l.Warnf(at(4+i), "services."+name+".restart", "", "starts again")
			}
			l.Warnf(Pos{File: "more.yaml", Line: 2, Column: 1}, "services.d.restart", "", "starts again")
		}, "compose.yaml:4:5: warning: services.a.restart: starts again (the same at services.b.restart, line 5; services.c.restart, line 6; services.d.restart, more.yaml:2:1)\n"},
		{"errors at several places", func(l *List) {
			for i, name := range []string{"a", "b", "c"} {
				l.Errorf(at(4+i), "services."+name+".x", "", "unknown key")
			}
		}, "compose.yaml:4:5: error: services.a.x: unknown key\ncompose.yaml:5:5: error: services.b.x: unknown key\ncompose.yaml:6:5: error: services.c.x: unknown key\n"},
		{"names that end in numbers", func(l *List) {
			l.Warnf(at(4), "services.web.user", "", `variable "UID1" is not set`)
			l.Warnf(at(4), "services.web.user", "", `variable "UID2" is not set`)
		}, "compose.yaml:4:5: warning: services.web.user: variable \"UID1\" is not set\ncompose.yaml:4:5: warning: services.web.user: variable \"UID2\" is not set\n"},
		{"variables that are not set", func(l *List) {
			for i, name := range []string{"A", "B", "C", "D"} {
				l.Warnf(at(4+i), "services.web.environment."+name, "write ${"+name+":-default}", "variable %q is not set", name)
			}
			l.Warnf(at(9), "services.web.environment.A", "write ${A:-default}", `variable "A" is not set`)
			l.Warnf(at(10), "services.web.command", "write $$E", `variable "E" is not set`)
		}, "compose.yaml:4:5: warning: services.web.environment.A: variable \"A\" is not set (the same for \"B\" in line 5, \"C\" in line 6, \"D\" in line 7)\n  help: write ${A:-default}\n" +
			"compose.yaml:10:5: warning: services.web.command: variable \"E\" is not set\n  help: write $$E\n"},
		{"without a place", func(l *List) {
			l.Notef(Pos{}, "", "", "1 step")
			l.Notef(Pos{}, "", "", "2 step")
		}, "note: 1 step\nnote: 2 step\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l List
			c.said(&l)
			var got strings.Builder
			l.Print(&got)
			if got.String() != c.want {
				t.Errorf("got\n%swant\n%s", got.String(), c.want)
			}
		})
	}
}
