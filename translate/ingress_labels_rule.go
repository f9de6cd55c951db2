package translate

import (
	"fmt"
	"slices"
	"strings"
)

// traefikRule reads a rule of Traefik: calls as Host(`a`, `b`) and PathPrefix(`/x`), with
// && and || between them. The error is what a load balancer has no words for.
func traefikRule(text string) ([]way, error) {
	r := ruleReader{text: text}
	ways, err := r.either()
	if err == nil && r.next() != "" {
		err = fmt.Errorf("%q cannot be read", text)
	}
	return ways, err
}

// ruleReader reads a rule from the left.
type ruleReader struct{ text string }

// maxWays keeps to what rules of people have.
const maxWays = 50

func (r *ruleReader) next() string {
	r.text = strings.TrimSpace(r.text)
	for _, sign := range []string{"&&", "||", "!", "(", ")"} {
		if strings.HasPrefix(r.text, sign) {
			return sign
		}
	}
	return r.text[:min(1, len(r.text))]
}

func (r *ruleReader) take(sign string) bool {
	if r.next() != sign {
		return false
	}
	r.text = r.text[len(sign):]
	return true
}

func (r *ruleReader) either() ([]way, error) {
	out, err := r.both()
	for err == nil && r.take("||") {
		var more []way
		more, err = r.both()
		out = append(out, more...)
	}
	return out, err
}

func (r *ruleReader) both() ([]way, error) {
	out, err := r.one()
	for err == nil && r.take("&&") {
		var more []way
		if more, err = r.one(); err == nil {
			out, err = crossed(out, more)
		}
	}
	return out, err
}

// crossed are the ways that match one of each.
func crossed(left, right []way) ([]way, error) {
	var out []way
	for _, a := range left {
		for _, b := range right {
			if a.hosts != nil && b.hosts != nil || a.paths != nil && b.paths != nil || len(out) == maxWays {
				return nil, fmt.Errorf("a load balancer cannot match two hosts or two paths at once")
			}
			out = append(out, way{append(slices.Clip(a.hosts), b.hosts...), append(slices.Clip(a.paths), b.paths...)})
		}
	}
	return out, nil
}

func (r *ruleReader) one() ([]way, error) {
	switch {
	case r.take("!"):
		return nil, fmt.Errorf("a load balancer has no rule for all but some requests")
	case r.take("("):
		out, err := r.either()
		if err == nil && !r.take(")") {
			err = fmt.Errorf("a bracket is not closed")
		}
		return out, err
	default:
		return r.call()
	}
}

func (r *ruleReader) call() ([]way, error) {
	name, rest, ok := strings.Cut(r.text, "(")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, " &|`") {
		return nil, fmt.Errorf("%q cannot be read", r.text)
	}
	r.text = rest
	var values []string
	for {
		quote := r.next()
		if quote != "`" && quote != `"` && quote != "'" {
			return nil, fmt.Errorf("what %s matches is not in backquotes", name)
		}
		value, rest, closed := strings.Cut(r.text[1:], quote)
		if !closed {
			return nil, fmt.Errorf("what %s matches has no end", name)
		}
		values, r.text = append(values, value), rest
		if r.take(")") {
			return matched(name, values)
		}
		if !r.take(",") {
			return nil, fmt.Errorf("%s cannot be read", name)
		}
	}
}

// matched is the way of one matcher.
func matched(name string, values []string) ([]way, error) {
	var w way
	for _, value := range values {
		var err error
		switch strings.ToLower(name) {
		case "host":
			err = w.addHost(value)
		case "pathprefix":
			err = w.addPath(value, true)
		case "path":
			err = w.addPath(value, false)
		default:
			err = fmt.Errorf("a load balancer has nothing like %s", name)
		}
		if err != nil {
			return nil, err
		}
	}
	return []way{w}, nil
}

func (w *way) addHost(host string) error {
	host = strings.ToLower(strings.TrimSpace(host))
	if !hostForm.MatchString(host) {
		return fmt.Errorf("%q is not the name of a host", host)
	}
	w.hosts = append(w.hosts, host)
	slices.Sort(w.hosts)
	return nil
}

// addPath adds a path, or all that begin with it. All that begin with / are all.
func (w *way) addPath(path string, prefix bool) error {
	path = strings.TrimSpace(path)
	if prefix && (path == "/" || path == "") {
		return nil
	}
	if prefix {
		path = strings.TrimSuffix(path, "*") + "*"
	}
	if !pathForm.MatchString(path) {
		return fmt.Errorf("%q is not a path that a load balancer can match", path)
	}
	w.paths = append(w.paths, path)
	slices.Sort(w.paths)
	return nil
}
