package translate

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// textTree is a directory of which a service has the files.
type textTree struct {
	root   string
	place  diag.Path // where the compose files ask for it
	enters func(dir string) bool
	named  func(name string) bool // what is asked for by name, whoever has it as well; nil: nothing
}

// walk goes through the files of a directory, those at its top first, but for what other services
// have for themselves.
func (c *textCollector) walk(t textTree, found func(file, below string)) {
	left, others := maxTextWalk, c.claimedBelow(t.root)
	level := []string{""}
	for range textDepth {
		var next []string
		for _, dir := range level {
			for child, err := range content.Children(filepath.Join(t.root, filepath.FromSlash(dir))) {
				if left--; left < 0 {
					c.leaveOut(t.place, "not all of "+c.Display(t.root)+" is", fmt.Sprintf("it has more than %d files", maxTextWalk))
					return
				}
				if err != nil {
					break
				}
				name := path.Join(dir, child.Name())
				file := filepath.Join(t.root, filepath.FromSlash(name))
				switch {
				case slices.Contains(others, file) && (t.named == nil || !t.named(name)):
				case child.Type().IsRegular():
					found(file, name)
				case child.IsDir() && t.enters(strings.ToLower(child.Name())):
					next = append(next, name)
				}
			}
		}
		level = next
	}
}

// textClaim is a file or a directory of this machine that a service asks for.
type textClaim struct{ service, source string }

// claimsOf are those of all services: what they mount, their configs, and what they are built from.
func claimsOf(p *Project) []textClaim {
	var out []textClaim
	claim := func(service, source string) {
		if filepath.IsAbs(source) {
			out = append(out, textClaim{service, filepath.Clean(source)})
		}
	}
	for _, services := range []types.Services{p.Compose.Services, p.Compose.DisabledServices} {
		for _, name := range sortedKeys(services) {
			s := services[name]
			for _, v := range s.Volumes {
				if v.Type == types.VolumeTypeBind {
					claim(name, v.Source)
				}
			}
			for _, c := range s.Configs {
				claim(name, p.Compose.Configs[c.Source].File)
			}
			if s.Build != nil {
				claim(name, s.Build.Context)
			}
		}
	}
	return out
}

// claimedBelow is what other services ask for in a directory, and this one does not: a proxy's
// configuration beside the source of a program is the proxy's.
func (c *textCollector) claimedBelow(root string) []string {
	root = filepath.Clean(root)
	var out []string
	for _, one := range c.claims {
		own := slices.ContainsFunc(c.claims, func(other textClaim) bool {
			return other.service == c.container.Name && other.source == one.source
		})
		if !own && one.source != root && inside(root, one.source) {
			out = append(out, one.source)
		}
	}
	return out
}

// leaveOut notes down what was not read, each once.
func (r *textReader) leaveOut(place diag.Path, what, why string) {
	if !slices.ContainsFunc(r.unread, func(u unreadText) bool { return u.what == what }) {
		r.unread = append(r.unread, unreadText{place, what, why})
	}
}
