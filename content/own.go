package content

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Directory is where this tool keeps what it remembers, in a project's directory.
const Directory = ".compose2fargate"

// ownNames are those of this tool's files: Directory, the mark in a volume that is being
// filled (package translate), and a plan before it has its name (os.CreateTemp). What
// else begins like them is somebody's.
var ownNames = regexp.MustCompile(`^` + regexp.QuoteMeta(Directory) + `(-unfinished|-plan-[0-9]*)?$`)

// ownName says whether a file or directory is this tool's by its name.
func ownName(name string) bool { return ownNames.MatchString(name) }

// headBytes is how much of a file shows whose it is.
const headBytes = 512

// markdownHead is how a plan in Markdown begins (package render).
const markdownHead = "<!-- compose2fargate:plan "

// textHead is how a plan in text begins (package render): what happens to the project,
// whatever that is, and below it the account in a line that is always the same, but for
// where a terminal was too narrow for it.
const textHead = `[a-z0-9][a-z0-9_-]*: [^\n]*\n([^\n]+\n){0,40}?` +
	`(account [0-9]{12},\s+region\s+[a-z]{2,}(-[a-z]+)+-[0-9]+|offline: no\s+account was\s+read)(,\s+simulated\s+AWS[^\n]*)?\n`

// A plan that was printed with all that the command says has its messages first, one of
// script(1) a line about the terminal.
var (
	beginsProject = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*: `)
	beginsText    = regexp.MustCompile(`^` + textHead)
	holdsText     = regexp.MustCompile(`(?m)^` + textHead)
	beginsTalk    = regexp.MustCompile(`^(([^\n:]+(:[0-9]+){2}: )?(error|warning|note): |Script started on )`)
)

// How much is read of a file that begins like a plan: of one that begins with the name of
// a project its verdict, else what is said before it.
const (
	longestVerdict = 16 << 10
	longestTalk    = 256 << 10
)

// isText says whether a file, which begins with head, is a plan in text.
func isText(file string, head []byte) bool {
	head = withoutTerminal(head)
	switch {
	case beginsTalk.Match(head):
		return holdsText.Match(withoutTerminal(headOf(file, longestTalk)))
	case beginsProject.Match(head):
		return beginsText.Match(withoutTerminal(headOf(file, longestVerdict)))
	default:
		return false
	}
}

// What a terminal adds to a text: colours and titles (ECMA-48, 5.4 and 5.6), and ends of
// lines.
var (
	escapes = regexp.MustCompile("\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\a\x1b]*(\a|\x1b\\\\))")
	returns = regexp.MustCompile(`\r+\n`)
)

func withoutTerminal(text []byte) []byte {
	return returns.ReplaceAll(escapes.ReplaceAll(text, nil), []byte("\n"))
}

// isOwn says whether a file is this tool's by its first bytes: a plan in JSON, in
// Markdown or in text, or the state of the simulator, wherever it lies and whoever
// left it.
func isOwn(file string, head []byte) bool {
	if bytes.HasPrefix(head, []byte(markdownHead)) || isText(file, head) {
		return true
	}
	if !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		return false
	}
	keys, kind := heading(head)
	return kind == planKind || keys == stateHead || keys == "generation clock tables" || isSortedPlan(file, head)
}

// planKind is in the head of each plan in JSON.
const planKind = "compose2fargate.plan"

// beginsSorted is how a plan in JSON begins that somebody had sorted, as jq -S does.
var beginsSorted = regexp.MustCompile(`^\s*\{\s*"(diagnostics|digest)":`)

// isSortedPlan says whether a file is a plan whose head is in the midst of it.
func isSortedPlan(file string, head []byte) bool {
	if !beginsSorted.Match(head) {
		return false
	}
	opened, err := os.Open(file)
	if err != nil {
		return false
	}
	defer opened.Close()
	var whole struct{ Kind string }
	return json.NewDecoder(opened).Decode(&whole) == nil && whole.Kind == planKind
}

// stateHead are the fields with which the state of the simulator begins.
const stateHead = "generation account region partition clock tables"

// isState says whether a file is the state of the simulator, for which this tool makes
// a directory where there is none.
func isState(head []byte) bool {
	keys, _ := heading(head)
	return keys == stateHead
}

// heading are the names of the fields with which a JSON object begins, up to the
// first that holds more than one value, and the value of kind among them.
func heading(head []byte) (keys, kind string) {
	decoder := json.NewDecoder(bytes.NewReader(head))
	if _, err := decoder.Token(); err != nil {
		return "", ""
	}
	var names []string
	for {
		name, err := decoder.Token()
		key, ok := name.(string)
		if err != nil || !ok {
			break
		}
		names = append(names, key)
		value, err := decoder.Token()
		if _, more := value.(json.Delim); err != nil || more {
			break
		}
		if key == "kind" {
			kind, _ = value.(string)
		}
	}
	return strings.Join(names, " "), kind
}

// Children are what a directory has in it but files of this tool, by name. It reads the
// beginning of a file only when it is asked for the next one.
func Children(dir string) iter.Seq2[fs.DirEntry, error] {
	return func(yield func(fs.DirEntry, error) bool) {
		children, err := os.ReadDir(dir)
		if err != nil {
			yield(nil, err)
			return
		}
		own := map[string]bool{}
		for _, child := range children { // a lock comes after what it is for
			name := child.Name()
			if ownName(name) {
				continue
			}
			info, err := child.Info()
			if err == nil && info.Mode().IsRegular() {
				file := filepath.Join(dir, name)
				own[name] = isOwn(file, headOf(file, headBytes))
				if own[name] || beside(Entry{Path: name, Mode: info.Mode(), Size: info.Size()}, own) {
					continue
				}
			}
			if !yield(child, err) {
				return
			}
		}
	}
}

// IsEmpty says whether a directory has nothing in it, however deep, but files of this
// tool, what this process writes, and those that keep lets be.
func (m Machine) IsEmpty(dir string, keep func(name string) bool) (bool, error) {
	for child, err := range Children(dir) {
		switch {
		case err != nil:
			return false, err
		case keep(child.Name()), m.writes(child):
		case !child.IsDir():
			return false, nil
		default:
			if empty, err := m.IsEmpty(filepath.Join(dir, child.Name()), keep); !empty || err != nil {
				return false, nil //nolint:nilerr // a directory that others closed is somebody's
			}
		}
	}
	return true, nil
}

// headOf are the first bytes of a file, none where it cannot be read.
func headOf(file string, most int) []byte {
	opened, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer opened.Close()
	head := make([]byte, most)
	n, _ := io.ReadFull(opened, head) // a short file is one as well
	return head[:n]
}

// beside says whether an empty file lies beside a file of this tool that it serves:
// its lock, or its next state while nothing is written yet.
func beside(e Entry, own map[string]bool) bool {
	name, ending := strings.TrimSuffix(e.Path, path.Ext(e.Path)), strings.TrimPrefix(path.Ext(e.Path), ".")
	return e.Mode.IsRegular() && e.Size == 0 && own[name] && (ending == "lock" || ending == "journal" || strings.Trim(ending, "0123456789") == "")
}
