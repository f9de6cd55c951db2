package compose

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/content"
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
			path := Absolute(d.base, file)
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

// portKeys are the attributes of a port in long form that are numbers of ports.
var portKeys = []string{"target", "published"}

// checkPorts finds a port in long form that is none. compose-go keeps what is left of it in
// 32 bits.
func checkPorts(model map[string]any) error {
	services, _ := model["services"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(services)) {
		s, _ := services[name].(map[string]any)
		ports, _ := s["ports"].([]any)
		for i, port := range ports {
			port, _ := port.(map[string]any)
			for _, key := range portKeys {
				if outOfPorts(key, port[key]) {
					return fmt.Errorf("services.%s.ports.%d.%s: is %s, and ports are numbers from 1 to %d", name, i, key, Shown(port[key]), math.MaxUint16)
				}
			}
		}
	}
	return nil
}

// outOfPorts says whether the value of an attribute is a number that no port has; 0 is any port
// of the machine. Others are checked by their types.
func outOfPorts(key string, v any) bool {
	n, ok := new(big.Int).SetString(fmt.Sprint(v), 10)
	return ok && (n.Sign() < 0 || n.Sign() == 0 && key == "target" || n.Cmp(big.NewInt(math.MaxUint16)) > 0)
}

// checkAttached finds an env_file or a label_file of a model, in long form, that is not
// to be read.
func checkAttached(model map[string]any) error {
	services, _ := model["services"].(map[string]any)
	for name, service := range services {
		s, _ := service.(map[string]any)
		if err := checkFilesOf(s, "services."+name); err != nil {
			return err
		}
		steps, _ := s["pre_start"].([]any)
		for i, step := range steps {
			step, _ := step.(map[string]any)
			if err := checkFilesOf(step, fmt.Sprintf("services.%s.pre_start.%d", name, i)); err != nil {
				return err
			}
		}
	}
	return nil
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

func checkFilesOf(s map[string]any, place string) error {
	for _, key := range []string{"env_file", "label_file"} {
		files, _ := s[key].([]any)
		for i, item := range files {
			file, _ := item.(string)
			if long, ok := item.(map[string]any); ok {
				file, _ = long["path"].(string)
			}
			if err := checkEnvFile(file); unreadable(err) {
				return fmt.Errorf("%s.%s.%d: cannot read %s: %s", place, key, i, file, reasonOf(err))
			}
		}
	}
	return nil
}
