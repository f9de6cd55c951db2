package compose

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// sources are the files of a project as they are written. compose-go keeps no
// positions, so they are parsed a second time, into nodes that know theirs.
type sources struct {
	configs []types.ConfigFile     // what compose-go is given
	main    []*document            // the documents of configs, in order
	layers  []*document            // main and all they include, the later overriding the earlier
	bases   map[string][]*document // files named by extends.file, by absolute path
	mu      sync.Mutex             // guards bases, which grow while positions are looked up
	first   string                 // the first file that exists, as messages name it; "" where none does
	cwd     string

	secret   func(variable, value string) bool // see Options
	gate     gate
	withheld withheld
}

// document is one YAML document of a compose file.
type document struct {
	file     string                     // as messages name it
	path     string                     // absolute; "-" for stdin
	base     string                     // the directory that include and extends.file start from
	env      types.Mapping              // what its variables are looked up in
	root     *yaml.Node                 // its top-level mapping
	config   int                        // its place in sources.configs; -1 where compose-go reads the file itself
	sections map[string]map[string]pair // the members of each mapping at the top, by its name and theirs

	variables bool // there is a $ in the file
	extended  bool // it is only there for extends.file
}

// pair is a key and its value in a mapping; for an item of a list the key is
// the item.
type pair struct{ key, value *yaml.Node }

// readSources reads and parses the files and all that they include.
func readSources(s *settings, stdin io.Reader, ds *diag.List) *sources {
	r := &sources{bases: map[string][]*document{}, cwd: s.cwd, secret: s.secret, gate: s.gate, withheld: s.withheld}
	for _, file := range s.files {
		if !s.named && !r.gate.admitFound(file, ds) {
			continue
		}
		text, err := readCompose(file, stdin)
		if err != nil {
			ds.Errorf(diag.Pos{}, "", "", "%s", fileText(s.display(file), err))
			continue
		}
		r.configs = append(r.configs, types.ConfigFile{Filename: file, Content: text})
		if r.first == "" {
			r.first = s.display(file)
		}
		documents := parse(file, s.display(file), text, s.env, s.dir, ds)
		r.main = append(r.main, documents...)
		for _, d := range documents {
			d.config = len(r.configs) - 1
			r.include(d, s.dir, []string{file}, ds)
			r.layers = append(r.layers, d)
		}
	}
	r.admitSources(ds)
	return r
}

func readCompose(file string, stdin io.Reader) ([]byte, error) {
	switch {
	case file != "-":
		return readFile(file)
	case stdin == nil:
		return nil, errors.New("there is no standard input")
	default:
		return io.ReadAll(stdin)
	}
}

var errDirectory = errors.New("is a directory")

func readFile(file string) ([]byte, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return nil, errDirectory
	}
	return content.ReadFile(file, longestFile)
}

// longestFile is how many bytes a file may have: more than anybody writes.
const longestFile = 64 << 20

// parse returns the documents of a file whose top level is a mapping; compose-go
// has its word about others.
func parse(path, display string, text []byte, env types.Mapping, base string, ds *diag.List) []*document {
	var out []*document
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			yamlError(display, err, ds)
			return out
		}
		root := &node
		if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
			root = root.Content[0]
		}
		if root.Kind != yaml.MappingNode {
			ds.Errorf(diag.Pos{File: display, Line: max(root.Line, 1), Column: max(root.Column, 1)}, "",
				"begin with services:", "the top level of a compose file must be a mapping, this is %s", kindOf(root))
			continue
		}
		if !bounded(display, root, ds) {
			continue
		}
		d := &document{file: display, path: path, base: base, env: env, root: root, config: -1, variables: bytes.IndexByte(text, '$') >= 0}
		d.index()
		out = append(out, d)
	}
}

// include adds the layers that the document d includes. What it cannot follow
// it leaves to compose-go, which says so.
func (r *sources) include(d *document, workingDir string, chain []string, ds *diag.List) {
	list := target(lookup(d.root, "include").value)
	if list == nil || list.Kind != yaml.SequenceNode {
		return
	}
	for _, item := range list.Content {
		r.includeItem(d, target(item), workingDir, chain, ds)
	}
}

func (r *sources) includeItem(d *document, item *yaml.Node, workingDir string, chain []string, ds *diag.List) {
	paths, envFiles, projectDir := includeFields(item, d.env)
	var env types.Mapping
	for i, p := range paths {
		if remote(p) {
			ds.Errorf(d.pos(item), "include", "download it and include the local file",
				"%s is remote: only local files are read, so that a plan depends on nothing but the checkout", p)
			return
		}
		file := Absolute(d.base, p)
		if slices.Contains(chain, file) {
			return
		}
		if i == 0 {
			projectDir = Absolute(workingDir, cmp.Or(projectDir, filepath.Dir(file)))
			env = r.includeEnv(d, item, envFiles, projectDir, workingDir, ds)
		}
		if !r.gate.admit(d.pos(item), diag.Path{"include"}, file, ds) {
			continue
		}
		text, err := readFile(file)
		if err != nil {
			ds.Errorf(d.pos(item), "include", "", "%s", fileText(r.display(file), err))
			continue
		}
		display := diag.Relative(r.cwd, file)
		for _, included := range parse(file, display, text, env, projectDir, ds) {
			r.include(included, projectDir, append(chain[:len(chain):len(chain)], file), ds)
			r.layers = append(r.layers, included)
		}
	}
}

// includeFields reads an item of include, in its short or its long form.
func includeFields(item *yaml.Node, env types.Mapping) (paths, envFiles []string, projectDir string) {
	if item.Kind != yaml.MappingNode {
		return texts(item, env), nil, ""
	}
	return texts(lookup(item, "path").value, env), texts(lookup(item, "env_file").value, env),
		lastText(lookup(item, "project_directory").value, env)
}

// includeEnv adds the env files of an include, or the .env beside it, to the
// variables of the including file, which win. compose-go complains of files
// that are missing.
func (r *sources) includeEnv(d *document, item *yaml.Node, files []string, projectDir, workingDir string, ds *diag.List) types.Mapping {
	var existing []string
	env := d.env
	if len(files) == 0 {
		workingDir, files = projectDir, []string{".env"}
	}
	for _, file := range files {
		file = Absolute(workingDir, file)
		err := content.CheckFile(file, longestFile)
		switch {
		case errors.Is(err, fs.ErrNotExist): // compose-go says so
		case !r.gate.admit(d.pos(item), diag.Path{"include"}, file, ds):
		case err == nil:
			existing = append(existing, file)
		case unreadable(err):
			ds.Errorf(d.pos(item), "include", "", "%s", fileText(r.display(file), err))
		}
	}
	if len(existing) == 0 {
		return env
	}
	vars, err := dotenv.GetEnvFromFile(env, existing)
	if err != nil {
		return env
	}
	envFiles{r.display, r.secret, r.withheld, ds}.readAll(env, existing...)
	return env.Clone().Merge(vars)
}

// unreadable says whether a file is there that nobody should begin to read.
func unreadable(err error) bool {
	told, ok := errors.AsType[*fs.PathError](err)
	return ok && told.Op == "read"
}

// remote says whether the name of a file is that of something to download.
func remote(name string) bool {
	return strings.Contains(name, "://") || strings.HasPrefix(name, "git@") || strings.HasPrefix(name, "github.com/")
}

// texts are the strings of a scalar, or of a list of scalars, with variables
// filled in.
func texts(n *yaml.Node, env types.Mapping) []string {
	n = target(n)
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode && n.Value != "":
		return []string{substitute(n.Value, env)}
	case n.Kind == yaml.SequenceNode:
		var out []string
		for _, item := range n.Content {
			if item = target(item); item != nil && item.Kind == yaml.ScalarNode {
				out = append(out, substitute(item.Value, env))
			}
		}
		return out
	default:
		return nil
	}
}

// lastText is the last of the texts of a node, "" where there is none.
func lastText(n *yaml.Node, env types.Mapping) string {
	found := texts(n, env)
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}

// Limits beyond which no stack fits Fargate, as a task definition holds 64 KiB,
// and compose-go would take minutes: the time of its YAML decoder grows with
// the square of the number of keys of a mapping, that of its templates with the
// square of the number of variables of a value.
const (
	maxKeys      = 20_000
	maxVariables = 1_000
)

// bounded reports where a file exceeds the limits, and returns whether it keeps
// to them.
func bounded(display string, n *yaml.Node, ds *diag.List) bool {
	pos := diag.Pos{File: display, Line: max(n.Line, 1), Column: max(n.Column, 1)}
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content)/2 > maxKeys:
		ds.Errorf(pos, "", "split this mapping: a task definition holds at most 64 KiB",
			"%d keys in one mapping: the limit is %d", len(n.Content)/2, maxKeys)
		return false
	case n.Kind == yaml.ScalarNode && len(n.Value) > maxVariables && strings.Count(n.Value, "${") > maxVariables:
		ds.Errorf(pos, "", "write the value into an env_file",
			"more than %d variables in one value", maxVariables)
		return false
	}
	ok := true
	for _, child := range n.Content {
		ok = bounded(display, child, ds) && ok
	}
	return ok
}
