package translate

import (
	_ "embed"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// binding is a setting that tells a program at which address to listen: by a variable, an
// option without its dashes, or a key in a file.
type binding struct {
	Variable   table.Pattern `json:"variable"`
	Option     table.Pattern `json:"option"`
	Line       table.Pattern `json:"line"`
	Image      string        `json:"image"`      // a part of the images that have it; "": all
	Program    string        `json:"program"`    // of which it is an option; "": any
	Peers      bool          `json:"peers"`      // only others of its kind connect there
	Write      string        `json:"write"`      // in place of a name; "": 0.0.0.0
	Beside     string        `json:"beside"`     // a variable that does it, where the address has to stay
	Advertised string        `json:"advertised"` // the variable for the address that others use, which is the same by default,
	Without    string        `json:"without"`    // but for what this one names
	Source     string        `json:"source"`
}

//go:embed bind_addresses.json
var bindAddressesJSON []byte

var bindings = table.Of[struct {
	Bindings []binding `json:"bindings"`
}](bindAddressesJSON)

// advertises is what is said to others, and not listened at.
var advertises = regexp.MustCompile(`(?i)advertise|[-_]adv[-_]|publish`)

// bindingOf is the row of a name that one of the forms of the table matches; nil for none.
// The programs are those that the command which it is in may run.
func bindingOf(name, image string, form func(binding) table.Pattern, programs map[string]bool) *binding {
	rows := bindings().Bindings
	for i := range rows {
		b := &rows[i]
		runs := b.Program == "" || programs[b.Program]
		if strings.Contains(image, b.Image) && runs && form(*b).MatchString(name) && !advertises.MatchString(name) {
			return b
		}
	}
	return nil
}

// programsIn are the words of a command, each of which may be a program in it.
func programsIn(words []string) map[string]bool {
	out := map[string]bool{}
	for _, word := range words {
		out[path.Base(word)] = true
	}
	return out
}

func byVariable(b binding) table.Pattern { return b.Variable }
func byOption(b binding) table.Pattern   { return b.Option }
func byLine(b binding) table.Pattern     { return b.Line }

// boundAddress is an address of a list: SCHEME://HOST:PORT, or server.1=HOST:PORT:PORT.
var boundAddress = regexp.MustCompile(`(^|[\s,;"'\[])((?:[A-Za-z][A-Za-z0-9_+.-]*://|server\.\d+=)?)([A-Za-z0-9_.*-]*|\[[0-9a-fA-F:]*\]|::)((?::\d{1,5})*)(?:[/\s,;"'\]]|$)`)

// wildAddresses are those with which a program listens where the proxy of its task
// connects to it, too.
var wildAddresses = []string{"", "*", "0.0.0.0", "::", "[::]", "localhost", "127.0.0.1", "[::1]"}

// boundToName is a list of addresses in which those with a name of the service itself
// have another host instead; ok if that changes something.
func boundToName(value, instead string, isOwn func(host string) bool) (fixed, name string, ok bool) {
	type address struct {
		from, to   int
		host, port string
	}
	var all []address
	wild := map[string]bool{}
	for at := 0; at < len(value); {
		m := boundAddress.FindStringSubmatchIndex(value[at:])
		if m == nil {
			break
		}
		a := address{at + m[6], at + m[7], value[at+m[6] : at+m[7]], value[at+m[8] : at+m[9]]}
		if slices.Contains(wildAddresses, a.host) && a.host+a.port != "" {
			wild[a.port] = true
		}
		all = append(all, a)
		at += max(m[9], m[1]-1, 1) // what ends one may be before the next
	}
	fixed = value
	for _, a := range slices.Backward(all) {
		if !wild[a.port] && isOwn(a.host) {
			fixed, name, ok = fixed[:a.from]+instead+fixed[a.to:], a.host, true
		}
	}
	return fixed, name, ok
}

// isOption says whether a container has the option, whatever its value is.
func (row binding) isOption(m container) bool {
	return slices.ContainsFunc(strings.Fields(strings.Join(m.Command, " ")), func(word string) bool {
		name, _, _ := strings.Cut(word, "=")
		return row.Option.MatchString(strings.TrimLeft(name, "-"))
	})
}
