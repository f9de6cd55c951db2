package translate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/compose2fargate/compose2fargate/internal/sensitive"
)

// rename puts a host in the place of a service that is found elsewhere.
type rename struct {
	from string // the name that other services know it by
	host string
	port int // 0: the port in the value stays
}

// value rewrites the value of an environment variable where it names the host:
// in URLs, in NAME:PORT, as host=NAME, in lists of hosts, and as the whole
// value. The same word elsewhere, as that of a user or a database, stays.
func (r rename) value(variable, value string) string {
	var out strings.Builder
	rest := 0
	for i := 0; ; {
		n := strings.Index(value[i:], r.from)
		if n < 0 || r.from == "" {
			break
		}
		i += n
		end := i + len(r.from)
		if before, after := value[:i], value[end:]; namesHost(variable, before, after) {
			out.WriteString(value[rest:i] + r.host)
			if port := portBehind(after); port != "" && r.port > 0 {
				out.WriteString(":" + strconv.Itoa(r.port))
				end += len(port)
			}
			rest = end
		}
		i = end
	}
	return out.String() + value[rest:]
}

// namesHost says whether a name between before and after, which make up the
// value of a variable, is that of a host.
func namesHost(variable, before, after string) bool {
	if before != "" && partOfName(before[len(before)-1]) || after != "" && partOfName(after[0]) {
		return false
	}
	if inAuthority, isHost := inURL(before, after); inAuthority {
		return isHost
	}
	left, right := strings.TrimRight(before, " "), strings.TrimLeft(after, " ")
	opens := left == "" || strings.ContainsAny(left[len(left)-1:], ",;|[({\"'\n\t")
	closes := right == "" || strings.ContainsAny(right[:1], ",;|])}\"'\n\t")
	use := meaningOf(variable)
	if key := keyBefore(before); key != "" {
		use = meaningOf(key)
		if use == isHost && (closes || strings.HasPrefix(after, " ") || strings.HasPrefix(after, "&")) {
			return true
		}
	}
	if portBehind(after) != "" && use != isVersion {
		return before == "" || strings.ContainsAny(before[len(before)-1:], " ,;|@=([{\"'\n\t")
	}
	if left == "" && right == "" {
		return use == isHost || use == isUnknown && !sensitive.MayBe(variable)
	}
	return opens && closes && use == isHost
}

// inURL says whether the name is in the part of a URL that holds user and hosts,
// and whether it is one of the hosts.
func inURL(before, after string) (inAuthority, isHost bool) {
	i := strings.LastIndex(before, "://")
	if i < 0 || strings.ContainsAny(before[i+3:], endOfAuthority) {
		return false, false
	}
	head, tail := before[i+3:], after
	if i := strings.IndexAny(after, endOfAuthority); i >= 0 {
		tail = after[:i]
	}
	switch {
	case strings.Contains(tail, "@"), strings.HasPrefix(tail, "="): // user or password; the key of the next URL
		return true, false
	case head != "" && !strings.ContainsAny(head[len(head)-1:], "@,("):
		return true, false
	case strings.HasPrefix(tail, ":"):
		return true, portBehind(after) != "" || tail == ":"
	default:
		return true, true
	}
}

const endOfAuthority = "/?#\\<>\"'` \t\n"

func partOfName(c byte) bool {
	return c == '_' || c == '-' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

var portForm = regexp.MustCompile(`^:([0-9]{1,5})(?:$|[^A-Za-z0-9_.-])`)

// portBehind is the port at the beginning of text with its colon, "" where there
// is none.
func portBehind(text string) string {
	m := portForm.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	if n, _ := strconv.Atoi(m[1]); n < 1 || n > 65535 {
		return ""
	}
	return ":" + m[1]
}

var keyForm = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_. -]*)=$`)

// keyBefore is the key of a key=value that ends in before, "" where there is none.
func keyBefore(before string) string {
	if !strings.HasSuffix(before, "=") { // which the pattern finds at the end of all of it
		return ""
	}
	if m := keyForm.FindStringSubmatch(before); m != nil {
		return m[1]
	}
	return ""
}

// meaning is what the value of a variable is, by the variable's name.
type meaning int

const (
	isUnknown meaning = iota
	isHost            // or a list of hosts
	isOther           // a user, a database, a driver, ...
	isVersion         // an image or its tag, where :7 is no port
)

var (
	hostWords = []string{
		"host", "hosts", "hostname", "hostnames", "hostaddr", "server", "servers", "addr", "addrs", "address", "addresses",
		"endpoint", "endpoints", "url", "urls", "uri", "uris", "node", "nodes", "broker", "brokers", "peer", "peers", "seed", "seeds",
		"upstream", "upstreams", "source", "domain", "bootstrap",
	}
	otherWords = []string{
		"user", "username", "login", "owner", "name", "password", "passwd", "pass", "pwd", "secret", "token", "key", "db", "dbname",
		"database", "databases", "schema", "type", "driver", "dialect", "engine", "adapter", "client", "connection", "backend",
		"provider", "store", "storage", "mode", "role", "profile", "profiles", "label", "group", "namespace", "vendor", "kind", "flavor",
		"plugin", "plugins", "realm", "bucket", "topic", "index", "prefix", "path", "dir", "directory", "command", "cmd", "title", "env",
		"environment", "project", "app", "application", "scheme", "protocol", "id", "email", "charset", "strategy",
	}
	versionWords = []string{"image", "tag", "version"}
)

// meaningOf decides by the last word with a meaning: DB_HOST is a host,
// HOST_TYPE is not. The first of several words is what the variable belongs to.
func meaningOf(variable string) meaning {
	words := wordsOf(variable)
	if isNodeLabel(words) {
		return isOther
	}
	for i, word := range slices.Backward(words) {
		first := i == 0 && len(words) > 1
		switch {
		case word == "name" && i > 0 && slices.Contains(hostWords, words[i-1]), word == "points" && i > 0 && words[i-1] == "contact":
			return isHost
		case word == "db" && i == 0, word == "database" && i == 0:
		case slices.Contains(versionWords, word):
			return isVersion
		case slices.Contains(hostWords, word), strings.HasSuffix(word, "host"), strings.HasSuffix(word, "hosts"):
			return isHost
		case !first && slices.Contains(otherWords, word), strings.HasPrefix(word, "pg") && slices.Contains(otherWords, word[2:]):
			return isOther
		}
	}
	return isUnknown
}

// isNodeLabel says whether a variable holds what a node calls itself, which nobody looks up: node.name of
// Elasticsearch, and the list of such names ("cluster.initial_master_nodes", Important Elasticsearch
// configuration).
func isNodeLabel(words []string) bool {
	text := strings.Join(words, " ")
	return strings.HasSuffix(text, "node name") || strings.HasSuffix(text, "initial master nodes")
}

// wordsOf takes DB_HOST, db.host and dbHost apart, in lower case.
func wordsOf(name string) []string {
	var spaced strings.Builder
	small := false
	for _, c := range name {
		if small && unicode.IsUpper(c) {
			spaced.WriteByte(' ')
		}
		small = unicode.IsLower(c)
		spaced.WriteRune(unicode.ToLower(c))
	}
	return strings.FieldsFunc(spaced.String(), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// namedBy says whether a word of a command line names the service: as a word of
// its own or as a host.
func namedBy(service, word string) bool {
	r := rename{from: service, host: service + "-"}
	if r.value("", word) != word {
		return true
	}
	fields := strings.FieldsFunc(word, func(c rune) bool { return strings.ContainsRune(" \t\n=\"';|&()", c) })
	return slices.Contains(fields, service)
}
