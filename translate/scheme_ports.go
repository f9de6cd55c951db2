package translate

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed scheme_ports.json
var schemePortsJSON []byte

// schemePort is a row of scheme_ports.json.
type schemePort struct {
	Schemes []string `json:"schemes"`
	Port    int      `json:"port"`
	More    []int    `json:"more"`
	Source  string   `json:"source"`
}

var schemePortRows = table.Of[struct {
	Comment string       `json:"comment"`
	Schemes []schemePort `json:"schemes"`
}](schemePortsJSON)

// schemePorts are the default ports of schemes.
var schemePorts = sync.OnceValue(func() map[string]schemePort {
	out := map[string]schemePort{}
	for _, row := range schemePortRows().Schemes {
		for _, scheme := range row.Schemes {
			out[scheme] = row
		}
	}
	return out
})

// schemeForm is the beginning of a URL up to a host: SCHEME://USER:PASSWORD@, and hosts before it. A
// driver may stand behind the scheme: postgresql+asyncpg://.
var schemeForm = regexp.MustCompile(`([a-z][a-z0-9]*)(\+[a-z0-9]+)?://(?:[^/@\s"']*@)?(?:[^/@\s"',:]+(?::[0-9]+)?,)*$`)

// scheme is what is known of the scheme before a host.
func (w wordIn) scheme() schemePort {
	before := w.before[strings.LastIndexAny(w.before, " \t\n\f\r\"'")+1:] // of which the form has none
	if !strings.Contains(before, "://") {
		return schemePort{}
	}
	m := schemeForm.FindStringSubmatch(before)
	if m == nil || strings.HasPrefix(w.after, "=") { // the key of the next URL
		return schemePort{}
	}
	if row, ok := schemePorts()[m[1]+m[2]]; ok {
		return row
	}
	return schemePorts()[m[1]]
}
