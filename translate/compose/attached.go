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

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/types"
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

// attached looks at what a model, in long form, has from elsewhere: its env files and label
// files, and variables that it only names.
type attached struct {
	env      types.Mapping
	bytes    int // that variables stand for
	searched int // bytes of commands, variables and labels
	most     int // of these
}

// totalError is of all services together: leaving one out does not mend it.
type totalError struct{ text string }

func (e *totalError) Error() string { return e.text }

// checkAttached finds an env_file or a label_file that is not to be read, and variables that
// stand for too much, of all that is active together.
func checkAttached(model map[string]any, profiles []string, env types.Mapping) error {
	all := carriers(model, profiles)
	a := attached{env: env, most: mostSearched + len(all)*searchedEach}
	for _, c := range all {
		if err := a.container(c.spec, strings.Join(c.path, ".")); err != nil {
			return err
		}
	}
	return nil
}

// admitAttached reports what the gate has against the files of a model, and takes out of it
// those that must not be read.
func (r *sources) admitAttached(model map[string]any, profiles []string, ds *diag.List) {
	defer func(before spent) { r.spent = before }(r.spent) // a model is made several times
	said := map[string]bool{}
	all := carriers(model, profiles)
	r.spent.most = mostAttached + len(all)*attachedEach
	for _, c := range all {
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
	text, _ := r.gate.text(path, file)
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
	return r.gate.Admits(file) && r.spent.bytesOf(places[0].pos, file, ds) && r.spent.attachedTo(places[0].pos, file, ds)
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

// container looks at a service or a step. Its labels know nothing of the environment.
func (a *attached) container(s map[string]any, place string) error {
	if err := a.texts(s, place); err != nil {
		return err
	}
	environment := valuesOf(s["environment"])
	build, _ := s["build"].(map[string]any)
	a.named(valuesOf(build["args"]))
	lookup := func(variable string) (string, bool) {
		if value, ok := a.env[variable]; ok {
			return value, true
		}
		value, ok := environment[variable].(string)
		return value, ok
	}
	if err := a.files(s, place, "env_file", newEnvFileCheck(lookup)); err != nil {
		return err
	}
	return a.files(s, place, "label_file", newEnvFileCheck(nil))
}

// named counts build arguments that are written without a value, which is that of the
// environment. In the variables of a service compose-go has filled it in by now.
func (a *attached) named(variables map[string]any) {
	for name, value := range variables {
		if value == nil {
			a.bytes += len(a.env[name])
		}
	}
}

func (a *attached) files(s map[string]any, place, key string, check *envFileCheck) error {
	list, _ := s[key].([]any)
	for i, item := range list {
		file, _ := attachedFile(item)
		long, _ := item.(map[string]any)
		format, _ := long["format"].(string)
		if err := check.file(file, format); unreadable(err) {
			return fmt.Errorf("%s.%s.%d: cannot read %s: %s", place, key, i, file, reasonOf(err))
		}
	}
	if a.bytes += check.bytes; a.bytes > mostText {
		return &totalError{fmt.Sprintf("%s: variables stand for more than %d MiB up to here", place, mostText>>20)}
	}
	return nil
}

// texts finds a command, or a value of a variable or a label, that no task definition holds,
// before it is split into words.
func (a *attached) texts(s map[string]any, place string) error {
	check, _ := s["healthcheck"].(map[string]any)
	all := map[string]any{"command": s["command"], "entrypoint": s["entrypoint"], "healthcheck.test": check["test"]}
	for _, key := range []string{"environment", "labels"} {
		for name, value := range valuesOf(s[key]) {
			all[key+"."+name] = value
		}
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		size := textBytes(all[key])
		a.searched += size
		if _, line := all[key].(string); line && size > longestLine && !strings.Contains(key, ".") {
			return fmt.Errorf("%s.%s: has more than %d KiB; write it as a list, or put it into a file", place, key, longestLine>>10)
		}
		if size > longestText {
			return fmt.Errorf("%s.%s: has more than %d KiB, which is all that a task definition holds", place, key, longestText>>10)
		}
	}
	if a.searched > a.most {
		return &totalError{fmt.Sprintf("%s: the commands, variables and labels of all services have more than %d MiB up to here", place, a.most>>20)}
	}
	return nil
}

// valuesOf are those of a mapping, also in its KEY=value form.
func valuesOf(v any) map[string]any {
	if values, ok := v.(map[string]any); ok {
		return values
	}
	out := map[string]any{}
	list, _ := v.([]any)
	for _, item := range list {
		text, _ := item.(string)
		if name, value, ok := strings.Cut(text, "="); ok {
			out[name] = value
		} else {
			out[name] = nil
		}
	}
	return out
}

// textBytes is the length of a text, or of a list of texts with a space between them.
func textBytes(v any) int {
	if text, ok := v.(string); ok {
		return len(text)
	}
	sum := 0
	list, _ := v.([]any)
	for _, item := range list {
		sum += textBytes(item) + 1
	}
	return sum
}

// envFileCheck looks at env files that follow each other before anybody else does.
type envFileCheck struct {
	lookup func(variable string) (string, bool) // what is set beside the files; nil: nothing
	values map[string]string                    // of the files so far
	bytes  int                                  // that variables put into these
}

func newEnvFileCheck(lookup func(variable string) (string, bool)) *envFileCheck {
	return &envFileCheck{lookup: lookup, values: map[string]string{}}
}

func (c *envFileCheck) value(variable string) (string, bool) {
	if c.lookup != nil {
		if value, ok := c.lookup(variable); ok {
			return value, true
		}
	}
	value, ok := c.values[variable]
	return value, ok
}

// file says why an env file is not to be read, as content.CheckFile does. The time that
// compose-go takes for a value grows with the square of its variables.
func (c *envFileCheck) file(name, format string) error {
	if err := content.CheckFile(name, longestFile); err != nil {
		return err
	}
	text, err := content.ReadFile(name, longestFile)
	if err != nil {
		return nil //nolint:nilerr // a directory, of which others tell
	}
	if reason := c.text(text, format); reason != "" {
		return &fs.PathError{Op: "read", Path: name, Err: errors.New(reason)}
	}
	return nil
}

// text says what of an env file is too much, "" where nothing is.
func (c *envFileCheck) text(text []byte, format string) string {
	if bytes.Count(text, []byte("\n")) > maxLines {
		return fmt.Sprintf("it has more than %d lines", maxLines)
	}
	reader := envReader{text: string(text)}
	for v, ok := reader.next(); ok; v, ok = reader.next() {
		if strings.Count(v.value, "$") > maxVariables {
			return fmt.Sprintf("the value of %s has more than %d variables", v.key, maxVariables)
		}
	}
	f := filling{lookup: c.value}
	_ = dotenv.ParseWithFormat(bytes.NewReader(text), "", c.values, f.value, format) // what is wrong is said elsewhere
	c.bytes += f.bytes
	if f.beyond != "" {
		line := placeIn("", string(text), offsetOf(string(text), f.beyond)).Line
		return fmt.Sprintf("line %d: its variables stand for more than %d MiB up to here", line, maxFilled>>20)
	}
	return ""
}
