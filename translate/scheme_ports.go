package translate

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
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

// schemePorts are the default ports of schemes.
var schemePorts = sync.OnceValue(func() map[string]schemePort {
	var table struct {
		Schemes []schemePort `json:"schemes"`
	}
	if err := json.Unmarshal(schemePortsJSON, &table); err != nil {
		panic(err) // the file is ours
	}
	out := map[string]schemePort{}
	for _, row := range table.Schemes {
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
	m := schemeForm.FindStringSubmatch(w.before)
	if m == nil || strings.HasPrefix(w.after, "=") { // the key of the next URL
		return schemePort{}
	}
	if row, ok := schemePorts()[m[1]+m[2]]; ok {
		return row
	}
	return schemePorts()[m[1]]
}
