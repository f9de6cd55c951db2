package translate

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// serving is where the program of a container listens by the configuration that the
// project mounts over that of its image.
type serving struct {
	program string // "": of none that is known
	shown   string // the file that tells, as messages name it
	sockets []socket
	whole   bool // nothing else tells where it listens
	written bool // nothing else but what its command writes first
}

// socket is what one server of a program does at one TCP port.
type socket struct {
	port  int
	pos   diag.Pos
	own   bool   // it is of the configuration of the image
	loops bool   // it sends all that does not reach it over TLS to https://
	acme  string // the host for which it gets a certificate through ports 80 and 443; ""
}

// at are the sockets at a port.
func (s serving) at(port int) []socket {
	var out []socket
	for _, one := range s.sockets {
		if one.port == port {
			out = append(out, one)
		}
	}
	return out
}

// ports are those at which the program listens, sorted.
func (s serving) ports() []int {
	var out []int
	for _, one := range s.sockets {
		out = append(out, one.port)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// loopAt is a socket of a port at which nothing but redirects to https:// answers.
func (s serving) loopAt(port int) (first socket, loops bool) {
	for _, one := range s.at(port) {
		switch {
		case one.own:
		case !one.loops:
			return socket{}, false
		case !loops:
			first, loops = one, true
		}
	}
	return first, loops
}

// acmeAt is a socket of a port for which the program gets a certificate itself.
func (s serving) acmeAt(port int) (socket, bool) {
	sockets := s.at(port)
	i := slices.IndexFunc(sockets, func(one socket) bool { return one.acme != "" })
	if i < 0 {
		return socket{}, false
	}
	return sockets[i], true
}

// servers are programs whose configuration tells where they listen.
var servers = []struct {
	name   string
	images []string // repositories
	places []string // the files and directories that tell
	read   func(r *servingReader)
}{
	{"nginx", []string{"nginx", "nginxinc/nginx-unprivileged"}, []string{nginxMain, nginxParts, nginxTemplates}, readNginx},
	{caddyName, []string{"caddy"}, []string{caddyMain}, readCaddy},
	{"HAProxy", []string{"haproxy"}, []string{haproxyMain}, readHAProxy},
	{apacheName, []string{"httpd"}, []string{httpdMain}, readHTTPD},
	{apacheName, []string{"php", "wordpress", "drupal", "joomla", "matomo", "nextcloud", "phpmyadmin"}, []string{apacheHome}, readApache},
	{"Mosquitto", []string{"eclipse-mosquitto"}, []string{mosquittoMain}, readMosquitto},
	{traefikName, []string{"traefik"}, traefikMain, readTraefik},
}

// servingOf reads the configuration of a container; of a program that is not known, or
// without configuration of the project, nothing is known.
func (p *Project) servingOf(m container) serving {
	image, built := m.Image, p.builtImageOf(m)
	if built != nil {
		image = built.base()
	}
	for _, s := range servers {
		if !slices.Contains(s.images, nameOf(image).hub()) || s.name == apacheName && !runsApache(image) {
			continue
		}
		r := servingReader{container: m, image: nameOf(image).hub(), tag: nameOf(image).tag, built: built, out: serving{program: s.name}}
		r.files = r.filesOf(p.textsOf(m.Name))
		words := slices.Concat(m.Entrypoint, m.Command)
		r.usual = r.isUsual(words)
		r.out.whole = r.isRead(p, s.places) && !r.namesOther(words) && (built == nil || r.isWholeImage(s.places))
		s.read(&r)
		told := r.out.whole && r.out.shown != "" && len(r.out.sockets) > 0
		r.out.whole, r.out.written = told && r.usual, told && !r.usual && built == nil
		return r.out
	}
	return serving{}
}

// servingReader reads the configuration of one container.
type servingReader struct {
	container container
	image     string
	tag       string
	usual     bool        // it starts as the image does
	built     *builtImage // nil: it is published
	files     []*textFile // that are mounted, and then those of the image, each by its name in the container
	out       serving
}

// unsure says that the program may listen elsewhere as well.
func (r *servingReader) unsure() { r.out.whole = false }

// file is a text by its name in the container; nil for none.
func (r *servingReader) file(name string) *textFile {
	i := slices.IndexFunc(r.files, func(f *textFile) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return r.files[i]
}

// add adds sockets that a place in a file describes.
func (r *servingReader) add(f *textFile, line, column int, ports []int, s socket) {
	if r.out.shown == "" {
		if r.out.shown = f.shown; f.inline != nil {
			r.out.shown = "the config for " + f.name
		}
	}
	for _, s.port = range ports {
		s.pos = f.at(line, column)
		r.out.sockets = append(r.out.sockets, s)
	}
}

// isRead says whether what is mounted at the places is read.
func (r *servingReader) isRead(p *Project, places []string) bool {
	m := r.container
	about := func(target string) bool {
		return slices.ContainsFunc(places, func(place string) bool { return within(target, place) || within(place, target) })
	}
	for _, v := range m.Volumes {
		target := path.Clean(v.Target)
		if !about(target) {
			continue
		}
		files := v.Type == types.VolumeTypeBind && p.bindOf(m.Name, v.Source, v.Target, v.ReadOnly).kind == bindFiles
		if !files || !isDirectory(v.Source) && r.file(target) == nil {
			return false
		}
	}
	for _, use := range m.Configs {
		if target := targetOf(use.Target, "/", use.Source); about(target) && r.file(target) == nil {
			return false
		}
	}
	return true
}

var (
	// writesFiles are commands that may write configuration before the program starts.
	writesFiles = regexp.MustCompile(`>|\b(envsubst|cp|mv|ln|sed|tee|confd|consul-template|certbot)\b|\.(sh|py)\b`)
	// namesFile is an option with the file of a configuration.
	namesFile = regexp.MustCompile(`(?:^|\s)(?:-c|-f|--conf|--config|-config|--adapter)[=\s]+(\S+)`)
)

// isUsual says whether a command line starts the program as the image does, with files
// that are read here.
func (r *servingReader) isUsual(words []string) bool {
	return !r.namesOther(words) && !writesFiles.MatchString(strings.Join(words, " "))
}

// namesOther says whether a command line names a file of configuration that is not read.
func (r *servingReader) namesOther(words []string) bool {
	return slices.ContainsFunc(namesFile.FindAllStringSubmatch(strings.Join(words, " "), -1), func(m []string) bool {
		return path.IsAbs(m[1]) && r.file(path.Clean(m[1])) == nil
	})
}

// filledIn is a text with the values of variables of the container; ok says that all of
// them are known.
func (r *servingReader) filledIn(form *regexp.Regexp, text string, env types.MappingWithEquals) (out string, ok bool) {
	ok = true
	out = form.ReplaceAllStringFunc(text, func(found string) string {
		m := form.FindStringSubmatch(found)
		if value := env[m[1]]; value != nil {
			return *value
		}
		if fallback := last(m); fallback != "" && len(m) > 2 {
			return strings.TrimPrefix(fallback, ":")
		}
		ok = false
		return found
	})
	return out, ok
}
