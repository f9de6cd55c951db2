package translate

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// TestNoNameOfTheCorpusIsLostWithoutAWord counts the names that services of the
// public stacks use in environment, command lines and health checks and that
// resolve under docker compose, by what becomes of them on Fargate. Each either
// resolves there too or is warned of at its place. Which words are names it finds
// out by itself: a word that Docker's DNS knows, beside a scheme, a port or a flag,
// or as the value of a variable that is a host by its name.
func TestNoNameOfTheCorpusIsLostWithoutAWord(t *testing.T) {
	shared := sharedFolder(t)
	counts := map[string]int{}
	stacks := 0
	for _, o := range corpusStacks(t, filepath.Join(shared, "corpus")) {
		o.Profiles = []string{"*"}
		p, ds := Load(t.Context(), o)
		if p == nil {
			counts["(stacks that do not load)"]++
			continue
		}
		stacks++
		r := newNameReport(p, ds)
		for _, name := range sortedKeys(p.Compose.Services) {
			for _, use := range r.used(p.Compose.Services[name]) {
				what := r.becomes(use)
				counts[what]++
				if what == unnoticed {
					t.Errorf("%v: %s: %q, port %d, of service %q is lost without a word", o.Files, compose.Dotted(use.path), use.name, use.port, use.owner)
				}
			}
		}
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	for _, what := range keys {
		t.Logf("%6d %s", counts[what], what)
	}
	if stacks == 0 || counts[resolves] == 0 {
		t.Errorf("%d stacks, and no name resolves", stacks)
	}
}

const (
	resolves  = "resolves"
	unnoticed = "unnoticed"
)

// nameReport is of one stack.
type nameReport struct {
	*Project
	t      *translation
	said   diag.List
	names  map[string]map[string][]string // services by name, by the service that uses it
	served map[string]bool                // NAME and NAME:PORT
}

func newNameReport(p *Project, ds diag.List) *nameReport {
	for name, s := range p.Compose.Services {
		if s.Image == "" { // is built: as docker compose names the image
			s.Image = p.Name + "-" + name
			p.Compose.Services[name] = s
		}
	}
	t := &translation{base: newBase(p, plan.Facts{})}
	groupTasks(t.base)
	names := newDiscovery(t.base, findPorts(t.base))
	r := &nameReport{Project: p, t: t, said: append(ds, t.ds...), names: map[string]map[string][]string{}, served: map[string]bool{}}
	for _, k := range t.tasks {
		if c := names.serviceConnect(k); c != nil {
			for _, s := range c.Services {
				alias := s.ClientAliases[0]
				r.served[alias.DNSName] = true
				r.served[alias.DNSName+":"+strconv.Itoa(alias.Port)] = true
			}
		}
	}
	for name := range p.Compose.Services {
		r.names[name] = r.resolvable(name)
	}
	return r
}

// resolvable are the names that Docker's DNS has for a service, in small letters,
// with the services that they are of.
func (r *nameReport) resolvable(user string) map[string][]string {
	out := map[string][]string{}
	mine := r.Compose.Services[user]
	if strings.HasPrefix(mine.NetworkMode, "service:") {
		mine = r.Compose.Services[strings.TrimPrefix(mine.NetworkMode, "service:")]
	}
	for host := range mine.ExtraHosts {
		out[strings.ToLower(host)] = []string{""}
	}
	for name, s := range r.Compose.Services {
		for network, config := range s.Networks {
			if _, shared := mine.Networks[network]; !shared {
				continue
			}
			all := []string{name, s.ContainerName, s.Hostname}
			if s.ContainerName == "" {
				all = append(all, r.Name+"-"+name+"-1", r.Name+"_"+name+"_1")
			}
			if config != nil {
				all = append(all, config.Aliases...)
			}
			for _, link := range mine.Links {
				if of, alias, _ := strings.Cut(link, ":"); of == name {
					all = append(all, alias)
				}
			}
			for _, n := range all {
				if n = strings.ToLower(n); n != "" && !slices.Contains(out[n], name) {
					out[n] = append(out[n], name)
				}
			}
		}
	}
	return out
}

// usedName is a name at a place.
type usedName struct {
	user, owner string
	path        []string
	name        string
	port        int
}

func (r *nameReport) used(s types.ServiceConfig) []usedName {
	var out []usedName
	look := func(path []string, variable, text string, isCommand bool) {
		for _, found := range words.FindAllStringIndex(text, -1) {
			name := text[found[0]:found[1]]
			owners := r.names[s.Name][strings.ToLower(name)]
			if len(owners) == 0 {
				continue
			}
			before, after := text[:found[0]], text[found[1]:]
			if !asHost(variable, before, after, isCommand) {
				continue
			}
			port := 0
			if m := portAfter.FindStringSubmatch(after); m != nil {
				port, _ = strconv.Atoi(m[1])
			}
			out = append(out, usedName{user: s.Name, owner: owners[0], path: path, name: name, port: port})
		}
	}
	for _, variable := range sortedKeys(s.Environment) {
		if value := s.Environment[variable]; value != nil {
			look(at(s.Name, "environment", variable), variable, *value, false)
		}
	}
	look(at(s.Name, "command"), "", strings.Join(s.Command, " "), true)
	look(at(s.Name, "entrypoint"), "", strings.Join(s.Entrypoint, " "), true)
	if s.HealthCheck != nil && !s.HealthCheck.Disable {
		look(at(s.Name, "healthcheck", "test"), "", strings.Join(s.HealthCheck.Test, " "), true)
	}
	return out
}

var (
	words     = regexp.MustCompile(`[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?`)
	portAfter = regexp.MustCompile(`^:([1-9][0-9]{1,4})(?:[^0-9A-Za-z._-]|$)`)
	hostNamed = regexp.MustCompile(`(?i)(^|_)(\w*HOST|HOSTS|HOSTNAME|SERVER|SERVERS|ADDR|ADDRESS|ENDPOINT|ENDPOINTS|BROKERS?|URLS?|URI)$`)
	hostFlag  = regexp.MustCompile(`(?:^|\s)(?:-h|--[a-z-]*host|ping|nc -z|nc -zv|telnet|curl|wget|wait-for|wait-for-it\.sh)[ =]$`)
	inScheme  = regexp.MustCompile(`[a-z]://(?:[^\s/@"']*@)?$`)
)

// asHost says whether a word stands where a host does.
func asHost(variable, before, after string, isCommand bool) bool {
	userInfo := regexp.MustCompile(`^[^\s/"',]*@`).MatchString(after)
	switch {
	case inScheme.MatchString(before) && !userInfo && !strings.HasPrefix(after, "."):
		return true
	case portAfter.MatchString(after) && !userInfo && (before == "" || strings.ContainsAny(before[len(before)-1:], ` ,@=/("'`)):
		return !strings.HasSuffix(before, "/") && !regexp.MustCompile(`(?i)image|version|tag`).MatchString(variable)
	case isCommand:
		return hostFlag.MatchString(before) && (after == "" || strings.ContainsAny(after[:1], " /\"';"))
	default:
		return before == "" && after == "" && hostNamed.MatchString(variable)
	}
}

// becomes is what becomes of a name: it resolves, or a warning or an error says
// why not.
func (r *nameReport) becomes(use usedName) string {
	for _, d := range r.said {
		about := strings.Contains(d.Summary, strconv.Quote(use.name)) || strings.Contains(d.Summary, strconv.Quote(use.owner)) ||
			use.user == use.owner && strings.Contains(d.Summary, "the service is not known to listen")
		if d.Severity != diag.Note && d.Path == compose.Dotted(use.path) && about {
			return "warned: " + quotes.ReplaceAllString(d.Summary, "N")
		}
	}
	what := use.name
	if use.port > 0 {
		what = fmt.Sprintf("%s:%d", use.name, use.port)
	}
	switch {
	case r.served[what] && r.t.taskOf[use.user] == r.t.taskOf[use.owner]:
		return resolves + ", as a name of the service itself"
	case r.served[what]:
		return resolves
	case use.owner != "" && r.t.taskOf[use.owner] == nil, r.t.taskOf[use.user] == nil:
		return "refused: one of the two has no task"
	default:
		return unnoticed
	}
}

var quotes = regexp.MustCompile(`"[^"]*"|\b[0-9]+\b`)
