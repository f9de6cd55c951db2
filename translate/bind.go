package translate

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// bindOf is what a bind mount becomes.
func (p *Project) bindOf(service, source, target string, readOnly bool) bind {
	return p.binds.of[bindKey{service, path.Clean(source), path.Clean(target), readOnly}]
}

// inspectBinds decides about every bind mount of the active services, and which of the
// directories are data on EFS. It looks at the files of this machine, so that it is
// done once.
func (p *Project) inspectBinds() binds {
	out := binds{map[bindKey]bind{}, map[string]bool{}, map[string]dataPlace{}}
	for _, h := range p.hostPaths() {
		for _, m := range h.mounts {
			if m.ofVolume != "" {
				out.data[h.real], out.volumes[m.ofVolume] = true, h.place
				continue
			}
			b := m.decide()
			b.shown, b.writers = m.nameOf(m.source), h.writers()
			b.outside, b.allow = p.OutsideText(nil, m.source)
			out.of[bindKey{m.service.Name, m.source, m.target, m.readOnly}] = b
			out.data[h.real] = out.data[h.real] || b.kind == bindVolume
		}
	}
	return out
}

// bindMounts are those of a service or a step, each with the path that it is of. A
// volume that is bound to a directory is one as well.
func (p *Project) bindMounts(paths map[string]*hostPath, s container, volumes []types.ServiceVolumeConfig) {
	for i, v := range volumes {
		m := &bindMount{Project: p, service: s, source: path.Clean(filepath.ToSlash(v.Source)), target: path.Clean(v.Target), readOnly: v.ReadOnly}
		switch device := p.boundTo(v); {
		case device != "":
			m.source, m.ofVolume = device, v.Source
		case v.Type != types.VolumeTypeBind || v.Source == "":
			continue
		}
		m.mustExist = v.Bind != nil && !bool(v.Bind.CreateHostPath) && p.Written(s.at("volumes", strconv.Itoa(i), "bind", "create_host_path")...)
		m.own = inside(p.Directory, m.source) || p.isRelative(s.at("volumes", strconv.Itoa(i)))
		m.asked = p.X.Services[s.Name].Files[m.target]
		m.image = p.builtImageOf(s)
		real := p.canonical(m.source)
		if paths[real] == nil {
			paths[real] = &hostPath{real: real}
		}
		m.host = paths[real]
		m.host.mounts = append(m.host.mounts, m)
	}
}

// isRelative says whether the files give the source of a mount, an item of
// volumes, relative to themselves.
func (p *Project) isRelative(item []string) bool {
	return strings.HasPrefix(p.MountSource(item...), ".")
}

// pathText names a path of this machine the same on every machine where that is
// possible: relative to the project, or to the home of the user.
func (p *Project) pathText(name string) string {
	relative, err := filepath.Rel(p.Directory, name)
	if err == nil && inside(p.Directory, name) {
		return strings.TrimSuffix("./"+filepath.ToSlash(relative), "/.")
	}
	if home := p.Compose.Environment["HOME"]; home != "" && home != "/" && inside(home, name) && !inside(home, p.Directory) {
		if relative, err := filepath.Rel(home, name); err == nil {
			return path.Join("~", filepath.ToSlash(relative))
		}
	}
	return filepath.ToSlash(name)
}

// bindMount is one bind mount of a container.
type bindMount struct {
	*Project
	host           *hostPath
	service        container
	ofVolume       string      // that is bound to the path and that the service mounts; "": it mounts the path
	image          *builtImage // of the service; nil: it is published, or not understood
	source, target string
	readOnly       bool
	own            bool   // the files of the project are meant
	mustExist      bool   // docker makes no directory where there is none
	asked          string // by x-fargate.files
}

func (m *bindMount) decide() bind {
	fate := m.hostKind()
	switch {
	case m.asked == xfargate.LeftOut:
		return bind{kind: bindLeftOut}
	case fate != 0:
		return bind{kind: fate}
	}
	h := m.host
	switch {
	case h.missing():
		return m.ofMissing()
	case h.err != nil && (m.asked == xfargate.OnEFS || h.data):
		return m.volume(true, true) // as a database leaves its directory behind
	case h.err != nil:
		return bind{kind: bindUnreadable}
	case h.info.IsDir():
		return m.ofDirectory()
	case h.info.Mode()&fs.ModeSocket != 0:
		return bind{kind: bindRuntime}
	case !h.info.Mode().IsRegular():
		return bind{kind: bindKernel}
	case m.asked == xfargate.OnEFS:
		return bind{kind: bindOddFile}
	case !m.own:
		return bind{kind: bindOutside}
	case !m.Gate.Admits(m.source):
		return bind{kind: bindLeaving}
	default:
		return m.ofFile()
	}
}

// ofMissing decides about what is not there. Docker would make a directory.
func (m *bindMount) ofMissing() bind {
	switch {
	case m.asked == xfargate.OnEFS:
		return m.volume(false, false)
	case m.asked == "" && !m.readOnly && isDatabaseName(m.source):
		return bind{kind: bindNoDatabase}
	case m.mustExist, m.asked == xfargate.InImage, m.asked == xfargate.Inline, isFileName(m.source) || isFileName(m.target):
		return bind{kind: bindMissing}
	case m.isBuiltAnew():
		return bind{kind: bindSource}
	default:
		return m.volume(false, false)
	}
}

func (m *bindMount) ofDirectory() bind {
	files := bind{kind: bindFiles, exists: true, program: m.host.program || m.isOnlyRead()}
	switch {
	case m.asked == xfargate.OnEFS:
		return m.volume(true, m.host.filled)
	case m.own && !m.Gate.Admits(m.source):
		return bind{kind: bindLeaving}
	case !m.own && (m.asked == xfargate.InImage || m.asked == xfargate.Inline):
		return bind{kind: bindOutside}
	case m.asked != "":
		files.asked = true
		return files
	case m.isBuiltAnew():
		return bind{kind: bindSource}
	case m.host.data:
		return m.volume(true, m.host.filled)
	case m.imageHas():
		return m.ofCopied()
	case !m.own:
		return m.volume(true, m.host.filled)
	case m.host.unlisted:
		return bind{kind: bindUnreadable}
	default:
		files.merged = m.overBuilt()
		return files
	}
}

// imageHas says whether the image has the directory, where it is or by the link to it.
func (m *bindMount) imageHas() bool {
	return m.image != nil && (m.image.has(m.host.real, m.target) || m.image.has(m.source, m.target))
}

// ofCopied decides about a directory that the image has: what it lacks of it goes there.
func (m *bindMount) ofCopied() bind {
	lacks := m.image.lacks(m.host.real, m.target, hiddenBelow(m.service, m.target))
	if !m.own || lacks.many || len(lacks.parts) == 0 {
		return bind{kind: bindSource, lacks: lacks}
	}
	return bind{kind: bindFiles, exists: true, program: m.host.program, merged: true, lacks: lacks}
}

// overBuilt says whether a directory of a build is mounted where the build put its files:
// what the build made beside them stays.
func (m *bindMount) overBuilt() bool {
	build, _ := m.buildOf(m.service)
	if build == nil || !path.IsAbs(build.Context) || !inside(build.Context, m.source) && !inside(m.source, build.Context) {
		return false
	}
	return m.image == nil || m.image.worksIn(m.target) || m.hasShield()
}

// hasShield says whether a volume keeps a directory of the image from being hidden.
func (m *bindMount) hasShield() bool {
	return slices.ContainsFunc(m.service.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Type == types.VolumeTypeVolume && within(v.Target, m.target) && slices.Contains(shieldNames, path.Base(v.Target))
	})
}

// isBuiltAnew says whether a directory is one that tools fill, as they do while the image
// is built: it has its own.
func (m *bindMount) isBuiltAnew() bool {
	if m.image == nil || !slices.Contains(shieldNames, path.Base(m.source)) || path.Base(m.source) != path.Base(m.target) {
		return false
	}
	_, inContext := m.image.inContext(m.source)
	return inContext && m.image.puts(path.Dir(m.target))
}

func (m *bindMount) volume(exists, filled bool) bind {
	b := bind{kind: bindVolume, dataPlace: dataPlace{volume: m.volumeName()}, exists: exists, filled: filled}
	if m.host.place.named {
		b.dataPlace = m.host.place
	}
	if !m.own {
		b.kind = bindHostDir
	}
	return b
}

// volumeName is the path of the directory, relative to the project where it is
// written so: the same on every machine.
func (m *bindMount) volumeName() string { return m.nameOf(m.host.source()) }

func (m *bindMount) nameOf(source string) string {
	if relative, err := filepath.Rel(m.Directory, source); m.own && err == nil && !inside(m.Directory, source) {
		return filepath.ToSlash(relative) // ../x
	}
	return m.pathText(source)
}

// fileEndings are endings of files. Names like conf.d and v1.0 show that not
// every ending is one.
var fileEndings = strings.Fields(`.conf .cfg .cnf .ini .config .json .jsonc .yaml .yml .toml .xml .env .properties .hcl .tf
	.pem .crt .key .cer .cert .csr .p12 .pfx .jks .pub .gpg .asc .lic .license
	.sh .bash .sql .py .js .mjs .cjs .ts .rb .php .pl .lua .go .jar .war .ps1
	.txt .md .html .htm .css .csv .tsv .log .acl .rules .users .list .lst .map .tmpl .tpl .template .j2 .jinja .vcl .rdb .db .sqlite .sqlite3
	.zip .gz .tgz .tar .png .ico .svg .jpg`)

// fileNames are names of files without an ending.
var fileNames = strings.Fields(`caddyfile corefile dockerfile makefile procfile jenkinsfile vagrantfile htpasswd .htpasswd .env .npmrc .pgpass
	.bashrc .gitconfig .netrc .my.cnf passwd shadow group hosts crontab license authorized_keys known_hosts id_rsa id_ed25519 vault-password`)

// isFileName says whether a path looks like that of a file.
func isFileName(name string) bool {
	base := strings.ToLower(path.Base(name))
	return slices.Contains(fileNames, base) || slices.Contains(fileEndings, path.Ext(base)) && path.Ext(base) != base
}

// checkFiles complains of paths in x-fargate.files at which nothing is mounted.
func (p *Project) checkFiles(ds *diag.List, name string) {
	s := p.Compose.Services[name]
	var targets []string
	for _, c := range (container{ServiceConfig: &s}).with() {
		for _, v := range c.Volumes {
			targets = append(targets, v.Target)
		}
	}
	for _, c := range s.Configs {
		targets = append(targets, targetOf(c.Target, "/", c.Source))
	}
	for _, file := range sortedKeys(p.X.Services[name].Files) {
		if file != xfargate.AllFiles && !slices.Contains(targets, file) {
			path := at(name, xfargate.Key, "files", file)
			ds.Errorf(p.At(path...), compose.Dotted(path), compose.DidYouMean(file, targets), "the service has no mount or config at this path")
		}
	}
}

// isShield says whether a volume is there to keep a directory of the image from
// being hidden by the mount of a source tree, which hides nothing here.
func (p *Project) isShield(s container, target string) bool {
	if !slices.Contains(shieldNames, path.Base(target)) {
		return false
	}
	return slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
		b := p.bindOf(s.Name, v.Source, v.Target, v.ReadOnly)
		return v.Type == types.VolumeTypeBind && within(target, v.Target) && (b.kind == bindSource || b.merged)
	})
}
