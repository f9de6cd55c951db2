package translate

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// TestNoNameOfTheCorpusIsLostWithoutAWord counts the names that services of the
// public stacks use in environment, command lines, health checks, mounted files and
// configs and that resolve under docker compose, by what becomes of them on Fargate. Each
// either resolves there too or is warned of at its place. Which words are names it finds
// out by itself: a word that Docker's DNS knows, beside a scheme, a port or a flag,
// or as the value of a variable that is a host by its name. How many there are in which stack is
// in testdata/corpus-names.txt, which -update writes where all stacks are tried.
func TestNoNameOfTheCorpusIsLostWithoutAWord(t *testing.T) {
	shared := sharedFolder(t)
	counts := map[string]int{}
	stacks := 0
	list := map[string]string{}
	for _, o := range corpusStacks(t, filepath.Join(shared, "corpus")) {
		o.Profiles = []string{"*"}
		p, ds := Load(t.Context(), o)
		if p == nil {
			counts["(stacks that do not load)"]++
			continue
		}
		stacks++
		r := newNameReport(p, ds)
		var ofStack nameCounts
		for _, name := range sortedKeys(p.Compose.Services) {
			for _, use := range r.used(p.Compose.Services[name]) {
				what := r.becomes(use)
				counts[what]++
				ofStack.count(what)
				if what == unnoticed {
					t.Errorf("%v: %s: %q, port %d, of service %q is lost without a word", o.Files, compose.Dotted(use.path), use.name, use.port, use.owner)
				}
			}
		}
		list[stackName(o)] = ofStack.String() // "": it uses none
	}
	compareCorpusNames(t, list)
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	for _, what := range keys {
		t.Logf("%6d %s", counts[what], what)
	}
	if stacks == 0 || stacks >= 20 && counts[resolves] == 0 { // a few may name nothing
		t.Errorf("%d stacks, and no name resolves", stacks)
	}
}

// nameCounts are the names in one stack, by what becomes of them.
type nameCounts struct{ resolve, warned, other int }

func (c *nameCounts) count(what string) {
	switch {
	case strings.HasPrefix(what, resolves):
		c.resolve++
	case strings.HasPrefix(what, "warned"):
		c.warned++
	default:
		c.other++
	}
}

func (c nameCounts) String() string {
	if c == (nameCounts{}) {
		return ""
	}
	return fmt.Sprintf("%d resolve, %d are warned of, %d have no task", c.resolve, c.warned, c.other)
}

const corpusNames = "testdata/corpus-names.txt"

// compareCorpusNames compares what was found with the list.
func compareCorpusNames(t *testing.T, found map[string]string) {
	t.Helper()
	if *update && sample.Full() {
		var out strings.Builder
		for _, stack := range sortedKeys(found) {
			if found[stack] != "" {
				out.WriteString(stack + "\t" + found[stack] + "\n")
			}
		}
		if err := os.WriteFile(corpusNames, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want := map[string]string{}
	for line := range strings.SplitSeq(readText(t, corpusNames), "\n") {
		if stack, counts, ok := strings.Cut(line, "\t"); ok {
			want[stack] = counts
		}
	}
	for _, stack := range sortedKeys(found) {
		if want[stack] != found[stack] {
			t.Errorf("%s: %s; the list has %s", stack, found[stack], cmp.Or(want[stack], "nothing"))
		}
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
	named := findNames(t.base)
	names := newDiscovery(t.base, findPorts(t.base, named), named)
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
	file        string // as messages name it; "": it stands in the compose files
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
	for _, f := range r.files(s) {
		for line := range strings.SplitSeq(f.text, "\n") {
			first := len(out)
			if !commentLine.MatchString(line) {
				look(f.path, "", line, false)
			}
			for i := range out[first:] {
				out[first+i].file = f.shown
			}
		}
	}
	return slices.DeleteFunc(out, func(u usedName) bool { return u.file != "" && (u.port > 0 && u.port < 100 && u.port != 80) })
}

// commentLine is one that no program reads.
var commentLine = regexp.MustCompile(`^\s*(#|//|;|--|<!--)`)

// reportFile is a text of a service.
type reportFile struct {
	path  []string
	shown string
	text  string
}

var searched = regexp.MustCompile(`(?i)(\.(conf|cfg|ini|ya?ml|json|toml|properties|env|sh|template)|caddyfile)$`)

// files are the files of configuration and the scripts that a service mounts, and its configs.
func (r *nameReport) files(s types.ServiceConfig) []reportFile {
	var out []reportFile
	for i, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind || r.bindOf(s.Name, v.Source, v.Target, v.ReadOnly).kind != bindFiles || inside(v.Source, r.Directory) {
			continue
		}
		_ = filepath.WalkDir(v.Source, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || !searched.MatchString(name) || strings.Contains(name, "/.") || strings.Contains(name, "dashboards/") {
				return nil
			}
			if text, err := os.ReadFile(name); err == nil && len(text) < 1<<20 {
				out = append(out, reportFile{at(s.Name, "volumes", strconv.Itoa(i)), r.Display(name), string(text)})
			}
			return nil
		})
	}
	for i, c := range s.Configs {
		if text := r.Compose.Configs[c.Source].Content; text != "" {
			path := at(s.Name, "configs", strconv.Itoa(i))
			out = append(out, reportFile{path, r.At("configs", c.Source, "content").File, text})
		}
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
		here := d.Path == compose.Dotted(use.path)
		if use.file != "" { // a file of several services, or several files, have one warning
			here = d.Pos.File == use.file || strings.Contains(d.Summary, use.file+":")
		}
		if d.Severity != diag.Note && here && about {
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
