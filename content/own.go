package content

import (
	"bytes"
	"encoding/json"
	"path"
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

// isOwn says whether a file is this tool's by its first bytes: a plan in JSON or
// Markdown, or the state of the simulator, wherever it lies and whoever left it.
func isOwn(head []byte) bool {
	if bytes.HasPrefix(head, []byte(markdownHead)) {
		return true
	}
	if !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		return false
	}
	keys, kind := heading(head)
	return kind == "compose2fargate.plan" || keys == "generation account region partition clock tables" || keys == "generation clock tables"
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

// beside says whether an empty file lies beside a file of this tool that it serves:
// its lock, or its next state while nothing is written yet.
func beside(e Entry, own map[string]bool) bool {
	name, ending := strings.TrimSuffix(e.Path, path.Ext(e.Path)), strings.TrimPrefix(path.Ext(e.Path), ".")
	return e.Mode.IsRegular() && e.Size == 0 && own[name] && (ending == "lock" || ending == "journal" || strings.Trim(ending, "0123456789") == "")
}
