package compose

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/paths"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// compose-go opens the files that services name, whatever they are: from a pipe it would
// read for ever. These are looked for before.

// extendOdd says whether a service extends one in a file that is not to be read.
func (r *sources) extendOdd() bool {
	seen := map[string]bool{}
	var odd func(d *document) bool
	odd = func(d *document) bool {
		for name := range d.services() {
			_, file := d.extends(name)
			path := d.extendsPath(file)
			if file == "" || remote(file) || seen[path] {
				continue
			}
			seen[path] = true
			if unreadable(content.CheckFile(path, longestFile)) {
				return true
			}
			for _, base := range r.base(d, file) {
				if odd(base) {
					return true
				}
			}
		}
		return false
	}
	for _, d := range r.layers {
		if odd(d) {
			return true
		}
	}
	return false
}

// carrier is what has an env_file and a label_file in a model in long form, in which their
// names are those that compose-go reads: a service, a job, or a step before one.
type carrier struct {
	spec    map[string]any
	path    diag.Path
	skipped bool // x-fargate says that it is for other machines
}

// carriers are those of a model that are active: of no others compose-go reads files.
func carriers(model map[string]any, profiles []string) []carrier {
	var out []carrier
	for _, section := range extending {
		members, _ := model[section].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			member, _ := members[name].(map[string]any)
			if !isActive(member, profiles) {
				continue
			}
			own, _ := member["x-fargate"].(map[string]any)
			c := carrier{member, diag.Path{section, name}, own["skip"] == true}
			out = append(out, c)
			steps, _ := member["pre_start"].([]any)
			for i, step := range steps {
				step, _ := step.(map[string]any)
				out = append(out, carrier{step, append(c.path[:2:2], "pre_start", strconv.Itoa(i)), c.skipped})
			}
		}
	}
	return out
}

// isActive says whether a service of a model is one of the profiles, or of none.
func isActive(service map[string]any, profiles []string) bool {
	own, _ := service["profiles"].([]any)
	active := func(profile any) bool {
		return slices.Contains(profiles, "*") || slices.Contains(profiles, profile.(string))
	}
	return len(own) == 0 || slices.ContainsFunc(own, active)
}

// attachedKeys are the attributes that have files in a carrier.
var attachedKeys = []string{"env_file", "label_file"}

// attachedFile is a file of a carrier, which may be missing where it is optional.
func attachedFile(item any) (file string, optional bool) {
	if long, ok := item.(map[string]any); ok {
		file, _ = long["path"].(string)
		return file, long["required"] == false
	}
	file, _ = item.(string)
	return file, false
}

// checkAttached finds an env_file or a label_file of a model that is not to be read.
func checkAttached(model map[string]any, profiles []string) error {
	for _, c := range carriers(model, profiles) {
		for _, key := range attachedKeys {
			files, _ := c.spec[key].([]any)
			for i, item := range files {
				file, _ := attachedFile(item)
				if err := checkEnvFile(file); unreadable(err) {
					return fmt.Errorf("%s.%s.%d: cannot read %s: %s", strings.Join(c.path, "."), key, i, file, reasonOf(err))
				}
			}
		}
	}
	return nil
}

// admitAttached reports what the gate has against the files of a model, and takes out of it
// those that must not be read.
func (r *sources) admitAttached(model map[string]any, profiles []string, ds *diag.List) {
	defer func(before spent) { r.spent = before }(r.spent) // a model is made several times
	said := map[string]bool{}
	for _, c := range carriers(model, profiles) {
		for _, key := range attachedKeys {
			files, ok := c.spec[key].([]any)
			if !ok {
				continue
			}
			var kept []any
			for i, item := range files {
				path := append(c.path[:len(c.path):len(c.path)], key, strconv.Itoa(i))
				if r.admitOne(path, item, c.skipped, said, ds) {
					kept = append(kept, item)
				}
			}
			c.spec[key] = kept
		}
	}
}

func (r *sources) admitOne(path diag.Path, item any, skipped bool, said map[string]bool, ds *diag.List) bool {
	file, optional := attachedFile(item)
	if _, err := os.Lstat(file); optional && errors.Is(err, fs.ErrNotExist) {
		return true
	}
	text, _ := r.gate.text(file)
	if text != "" && skipped { // nothing of it is used
		return false
	}
	places := r.attachedAt(file, path)
	if text != "" && !said[file] {
		said[file] = true
		for _, p := range places {
			r.gate.admit(p.pos, p.path, file, ds)
		}
	}
	return r.gate.Admits(file) && r.spent.bytesOf(places[0].pos, file, ds)
}

type attachedPlace struct {
	pos  diag.Pos
	path diag.Path
}

// attachedAt are the places at which the files name an env or label file. One that is at a
// path of the model has that place at least.
func (r *sources) attachedAt(file string, path diag.Path) []attachedPlace {
	var out []attachedPlace
	documents := slices.Clone(r.layers)
	for _, base := range slices.Sorted(maps.Keys(r.bases)) {
		documents = append(documents, r.bases[base]...)
	}
	for _, d := range documents {
		d.attached(func(at *yaml.Node, path diag.Path, named string) {
			if named == file {
				out = append(out, attachedPlace{d.pos(at), path})
			}
		})
	}
	if len(out) == 0 {
		found := r.find(path)
		return []attachedPlace{{found.pos(), path[:found.depth]}}
	}
	return out
}

// attached calls found with each env and label file that services and jobs of a document
// name, by its absolute name.
func (d *document) attached(found func(at *yaml.Node, path diag.Path, file string)) {
	for _, section := range extending {
		for _, key := range attachedKeys {
			for _, pattern := range [][]string{{section, "*", key}, {section, "*", "pre_start", "*", key}} {
				d.match(pattern, nil, pair{d.root, d.root}, func(path diag.Path, at pair) { d.listed(at.value, path, found) })
			}
		}
	}
}

// listed does so with one file or with a list of them, in their short or long form.
func (d *document) listed(n *yaml.Node, path diag.Path, found func(at *yaml.Node, path diag.Path, file string)) {
	n = target(n)
	if n != nil && n.Kind == yaml.SequenceNode {
		for i, item := range n.Content {
			d.listed(item, append(path[:len(path):len(path)], strconv.Itoa(i)), found)
		}
		return
	}
	if name := cmp.Or(lastText(lookup(n, "path").value, d.env), lastText(n, d.env)); name != "" {
		found(n, path, Absolute(d.base, paths.ExpandUser(name)))
	}
}

// checkEnvFile says why an env file is not to be read, as content.CheckFile does. The time
// that compose-go takes for a value grows with the square of its variables.
func checkEnvFile(file string) error {
	if err := content.CheckFile(file, longestFile); err != nil {
		return err
	}
	text, err := content.ReadFile(file, longestFile)
	if err != nil {
		return nil //nolint:nilerr // a directory, of which others tell
	}
	tooMuch := func(reason string) error { return &fs.PathError{Op: "read", Path: file, Err: errors.New(reason)} }
	if bytes.Count(text, []byte("\n")) > maxLines {
		return tooMuch(fmt.Sprintf("it has more than %d lines", maxLines))
	}
	reader := envReader{text: string(text)}
	for v, ok := reader.next(); ok; v, ok = reader.next() {
		if strings.Count(v.value, "$") > maxVariables {
			return tooMuch(fmt.Sprintf("the value of %s has more than %d variables", v.key, maxVariables))
		}
	}
	return nil
}
