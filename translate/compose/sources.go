package compose

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
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
	inBases diag.List              // what is wrong with bases
	mu      sync.Mutex             // guards bases and inBases, which grow while positions are looked up
	read    map[string]bool        // what is included, with where from and with which variables
	spent   spent
	beyond  bool   // the files are too much to look at
	first   string // the first file that exists, as messages name it; "" where none does
	cwd     string

	gate     gate
	withheld withheld
	included includedFiles
	profiles []string
}

// document is one YAML document of a compose file.
type document struct {
	file     string                     // as messages name it
	path     string                     // absolute; "-" for stdin
	base     string                     // the directory that include and extends.file start from
	env      types.Mapping              // what its variables are looked up in
	root     *yaml.Node                 // its top-level mapping
	size     amount                     // what that stands for
	config   int                        // its place in sources.configs; -1 where compose-go reads the file itself
	sections map[string]map[string]pair // the members of each mapping at the top, by its name and theirs
	large    map[*yaml.Node]map[string]pair
	envs     map[string]types.Mapping // env with the env files of an include, by the names of these

	skipped   map[string]bool // services that x-fargate leaves out
	variables bool            // there is a $ in the file
	extended  bool            // it is only there for extends.file
}

// readSources reads and parses the files and all that they include.
func readSources(s *settings, stdin io.Reader, ds *diag.List) *sources {
	r := &sources{bases: map[string][]*document{}, read: map[string]bool{}, cwd: s.cwd, gate: s.gate, withheld: s.withheld, included: s.included, profiles: s.profiles, spent: s.spent}
	for _, file := range s.files {
		if !s.admitMain(file, ds) {
			continue
		}
		text, err := readCompose(file, stdin)
		if err != nil {
			var at diag.Pos
			if unreadable(err) { // it is there
				at = diag.Pos{File: s.display(file), Line: 1, Column: 1}
			}
			ds.Errorf(at, "", "", "%s", fileText(s.display(file), err))
			continue
		}
		if !r.spent.file(diag.Pos{File: s.display(file), Line: 1, Column: 1}, int64(len(text)), ds) {
			break
		}
		r.configs = append(r.configs, types.ConfigFile{Filename: file, Content: text})
		if r.first == "" {
			r.first = s.display(file)
		}
		documents := parse(file, s.display(file), text, s.env, s.dir, ds)
		r.main = append(r.main, documents...)
		for _, d := range documents {
			d.config = len(r.configs) - 1
			r.include(d, s.dir, []string{content.Resolve(file)}, ds)
			r.layers = append(r.layers, d)
		}
	}
	r.noteSkipped()
	r.admitSources(ds)
	*ds = append(*ds, r.inBases...)
	if !ds.HasErrors() {
		r.weighAll(ds)
	}
	r.beyond = r.beyond || r.spent.full
	return r
}

func readCompose(file string, stdin io.Reader) ([]byte, error) {
	switch {
	case file != "-":
		return readFile(file)
	case stdin == nil:
		return nil, errors.New("there is no standard input")
	}
	text, err := io.ReadAll(io.LimitReader(stdin, longestFile+1))
	if len(text) > longestFile {
		return nil, fmt.Errorf("it has more than %d bytes, and no more are read", longestFile)
	}
	return text, err
}

var errDirectory = errors.New("is a directory")

func readFile(file string) ([]byte, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return nil, errDirectory
	}
	return content.ReadFile(file, longestFile)
}

// parse returns the documents of a file whose top level is a mapping; compose-go
// has its word about others.
func parse(path, display string, text []byte, env types.Mapping, base string, ds *diag.List) []*document {
	var out []*document
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for read := 0; ; read++ {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			yamlError(display, text, err, ds)
			return out
		}
		root := &node
		if read == maxDocuments {
			ds.Errorf(diag.Pos{File: display, Line: max(root.Line, 1), Column: 1}, "", "put them together", "more than %d documents in one file", maxDocuments)
			return out
		}
		if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
			root = root.Content[0]
		}
		if root.Kind != yaml.MappingNode {
			ds.Errorf(diag.Pos{File: display, Line: max(root.Line, 1), Column: max(root.Column, 1)}, "",
				"begin with services:", "the top level of a compose file must be a mapping, this is %s", kindOf(root))
			continue
		}
		size, ok := measured(display, root, env, ds)
		if !ok {
			continue
		}
		d := &document{file: display, path: path, base: base, env: env, root: root, size: size.amount, config: -1, envs: map[string]types.Mapping{}, variables: bytes.IndexByte(text, '$') >= 0}
		d.index()
		out = append(out, d)
	}
}

// include adds the layers that the document d includes. What it cannot follow
// it leaves to compose-go, which says so.
func (r *sources) include(d *document, workingDir string, chain []string, ds *diag.List) {
	list := target(lookup(d.root, "include").value)
	if list == nil || list.Kind != yaml.SequenceNode || r.ambiguous(d, ds) {
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
		real := content.Resolve(file)
		if slices.Contains(chain, real) {
			ds.Errorf(d.pos(item), "include", "remove one include", "files include each other in a circle, through %s", r.display(file))
			return
		}
		if i == 0 {
			projectDir = Absolute(workingDir, cmp.Or(projectDir, filepath.Dir(file)))
			env = r.includeEnv(d, item, envFiles, projectDir, workingDir, ds)
		}
		if !r.gate.admit(d.pos(item), diag.Path{"include"}, file, ds) {
			continue
		}
		if !r.spent.settings(d.pos(item), len(env), ds) {
			return
		}
		if r.isRead(file, projectDir, env) {
			continue
		}
		text, err := readFile(file)
		if err != nil {
			ds.Errorf(d.pos(item), "include", "", "%s", fileText(r.display(file), err))
			continue
		}
		if !r.spent.file(d.pos(item), int64(len(text)), ds) {
			return
		}
		display := diag.Relative(r.cwd, file)
		for _, included := range parse(file, display, text, env, projectDir, ds) {
			r.include(included, projectDir, append(chain[:len(chain):len(chain)], real), ds)
			r.layers = append(r.layers, included)
		}
	}
}

// isRead says whether a file was included before, from the same directory and with the
// same variables, and notes that it is now: a second time it would add nothing.
func (r *sources) isRead(file, projectDir string, env types.Mapping) bool {
	key := []string{file, projectDir}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		key = append(key, name, env[name])
	}
	hash := sha256.Sum256([]byte(strings.Join(key, "\x00")))
	known := r.read[string(hash[:])]
	r.read[string(hash[:])] = true
	return known
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
// variables of the including file, which win.
func (r *sources) includeEnv(d *document, item *yaml.Node, files []string, projectDir, workingDir string, ds *diag.List) types.Mapping {
	named := len(files) > 0
	if !named {
		workingDir, files = projectDir, []string{".env"}
	}
	var existing []string
	size := len(d.env)
	for _, file := range files {
		if file = Absolute(workingDir, file); r.readsIncludeEnv(d.pos(item), file, named, &size, ds) {
			existing = append(existing, file)
		}
	}
	if len(existing) == 0 || r.spent.full {
		return d.env
	}
	key := strings.Join(existing, "\x00")
	if known, ok := d.envs[key]; ok {
		return known
	}
	env, sound := r.withEnvFiles(d, item, existing, ds)
	if sound { // what is not is said at each include
		d.envs[key] = env
	}
	return env
}

// withEnvFiles are the variables of a document with those of env files, which are sound
// where nothing is wrong with these.
func (r *sources) withEnvFiles(d *document, item *yaml.Node, files []string, ds *diag.List) (env types.Mapping, sound bool) {
	check := newEnvFileCheck(d.env.Resolve)
	for _, file := range files {
		if err := check.file(file, ""); err != nil {
			ds.Errorf(d.pos(item), "include", "", "%s", fileText(r.display(file), err))
			return d.env, false
		}
	}
	vars, err := dotenv.GetEnvFromFile(d.env, files)
	if err != nil {
		first := sort.Search(len(files), func(i int) bool {
			_, err := dotenv.GetEnvFromFile(d.env, files[:i+1])
			return err != nil
		})
		sayDotEnv(r.display, files[first], "", err, ds)
		return d.env, false
	}
	envFiles{r.display, r.withheld, ds, false}.readAll(d.env, files...)
	return d.env.Clone().Merge(vars), true
}

// readsIncludeEnv says whether there is an env file of an include to be read, and reports
// what speaks against it. One that nobody named may be missing. The size is what is looked
// at with it: its lines, and all before it.
func (r *sources) readsIncludeEnv(at diag.Pos, file string, named bool, size *int, ds *diag.List) bool {
	info, err := os.Stat(file)
	directory := err == nil && info.IsDir()
	switch {
	case !named && (errors.Is(err, fs.ErrNotExist) || directory):
		return false
	case !r.gate.admit(at, diag.Path{"include"}, file, ds):
		return false
	case errors.Is(err, fs.ErrNotExist):
		ds.Errorf(at, "include", "make the file, or correct the path", "no such env file: %s", r.display(file))
		return false
	case directory:
		ds.Errorf(at, "include", "name a file in it", "%s is a directory, not an env file", r.display(file))
		return false
	}
	*size += linesOf(file)
	return r.spent.bytesOf(at, file, ds) && r.spent.settings(at, *size, ds)
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
