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

// ownName says whether a file or directory is this tool's by its name: Directory,
// and what it writes before it gives it a name.
func ownName(name string) bool { return strings.HasPrefix(name, Directory) }

// headBytes is how much of a file shows whose it is.
const headBytes = 512

// markdownHead is how a plan in Markdown begins (package render).
const markdownHead = "<!-- compose2fargate:plan "

// textHead is how a plan in text begins (package render): what happens to the project,
// then the account.
const textHead = `[a-z0-9][a-z0-9_-]*: (destroy: )?(blocked: |no changes|[0-9]+ (to|new|leftovers?) )[^\n]*\n([^\n]+\n){0,4}` +
	`(account [0-9]{12}, region [a-z]|offline: no account was read)`

// A plan that was printed with all that the command says has its messages first, and
// one that a terminal recorded has colours.
var (
	beginsText    = regexp.MustCompile(`^` + textHead)
	holdsText     = regexp.MustCompile(`(?m)^` + textHead)
	beginsMessage = regexp.MustCompile(`^[^\s:]+(:[0-9]+){2}: (error|warning|note): `)
	colours       = regexp.MustCompile("\x1b\\[[0-9;]*m")
)

// longestTalk is how much of what is said before a plan is read.
const longestTalk = 256 << 10

// isText says whether a file, which begins with head, is a plan in text.
func isText(file string, head []byte) bool {
	if bytes.HasPrefix(head, []byte("\x1b[")) {
		head = colours.ReplaceAll(head, nil)
	}
	if beginsMessage.Match(head) {
		return holdsText.Match(colours.ReplaceAll(headOf(file, longestTalk), nil))
	}
	return beginsText.Match(head)
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
	return kind == "compose2fargate.plan" || keys == stateHead || keys == "generation clock tables"
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
// tool and those that keep lets be.
func IsEmpty(dir string, keep func(name string) bool) (bool, error) {
	for child, err := range Children(dir) {
		switch {
		case err != nil:
			return false, err
		case keep(child.Name()):
		case !child.IsDir():
			return false, nil
		default:
			if empty, err := IsEmpty(filepath.Join(dir, child.Name()), keep); !empty || err != nil {
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
