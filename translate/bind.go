package translate

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// bindOf decides what a bind mount becomes.
func (p *Project) bindOf(service, source, target string, readOnly bool) bind {
	return p.binds[bindKey{service, path.Clean(source), path.Clean(target), readOnly}]
}

// inspectBinds decides about every bind mount of the active services. It looks at
// the files of this machine, so that it is done once.
func (p *Project) inspectBinds() map[bindKey]bind {
	out := map[bindKey]bind{}
	for _, name := range p.Compose.ServiceNames() {
		s := p.Compose.Services[name]
		p.inspectBind(out, container{ServiceConfig: &s}, s.Volumes)
		for _, step := range stepsOf(&s) {
			p.inspectBind(out, step.container(), s.PreStart[step.index].Volumes)
		}
	}
	return out
}

func (p *Project) inspectBind(out map[bindKey]bind, s container, volumes []types.ServiceVolumeConfig) {
	for i, v := range volumes {
		if v.Type != types.VolumeTypeBind || v.Source == "" {
			continue
		}
		l := bindInspection{Project: p, service: s, source: path.Clean(filepath.ToSlash(v.Source)), target: path.Clean(v.Target), readOnly: v.ReadOnly}
		l.mustExist = v.Bind != nil && !bool(v.Bind.CreateHostPath) && p.Written(s.at("volumes", strconv.Itoa(i), "bind", "create_host_path")...)
		l.own = inside(p.Directory, l.source) || p.isRelative(s.at("volumes", strconv.Itoa(i)))
		b := l.decide()
		b.shown = l.volumeName()
		out[bindKey{s.Name, l.source, l.target, l.readOnly}] = b
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

// bindInspection is what was found out about one bind mount.
type bindInspection struct {
	*Project
	service        container
	source, target string
	readOnly       bool
	own            bool // the files of the project are meant
	mustExist      bool // docker makes no directory where there is none
}

func (l bindInspection) decide() bind {
	fate := l.hostKind()
	asked := l.X.Services[l.service.Name].Files[l.target]
	switch {
	case asked == xfargate.LeftOut:
		return bind{kind: bindLeftOut}
	case fate != 0:
		return bind{kind: fate}
	}
	info, err := os.Stat(l.source)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l.missing(asked)
	case err != nil && asked == xfargate.OnEFS, err != nil && l.holdsData():
		return l.volume(true, true) // as a database leaves its directory behind
	case err != nil:
		return bind{kind: bindUnreadable}
	case info.IsDir():
		return l.directory(asked)
	case info.Mode()&fs.ModeSocket != 0:
		return bind{kind: bindRuntime}
	case !info.Mode().IsRegular():
		return bind{kind: bindKernel}
	case asked == xfargate.OnEFS:
		return bind{kind: bindOddFile}
	case !l.own:
		return bind{kind: bindOutside}
	case l.leaves():
		return bind{kind: bindLeaving}
	default:
		return bind{kind: bindFiles}
	}
}

// missing decides about what is not there. Docker would make a directory.
func (l bindInspection) missing(asked string) bind {
	switch {
	case asked == xfargate.OnEFS:
		return l.volume(false, false)
	case l.mustExist, asked == xfargate.InImage, asked == xfargate.Inline, isFileName(l.source) || isFileName(l.target):
		return bind{kind: bindMissing}
	case l.isSource():
		return bind{kind: bindSource}
	default:
		return l.volume(false, false)
	}
}

func (l bindInspection) directory(asked string) bind {
	empty, err := content.IsEmpty(l.source, keepsEmpty)
	filled := !empty
	switch {
	case asked == xfargate.OnEFS:
		return l.volume(true, filled)
	case l.own && l.leaves():
		return bind{kind: bindLeaving}
	case !l.own && (asked == xfargate.InImage || asked == xfargate.Inline):
		return bind{kind: bindOutside}
	case asked != "":
		return bind{kind: bindFiles, exists: true}
	case l.isSource():
		return bind{kind: bindSource}
	case !l.own, l.holdsData(), !filled && !l.readOnly:
		return l.volume(true, filled)
	case err != nil:
		return bind{kind: bindUnreadable}
	default:
		return bind{kind: bindFiles, exists: true}
	}
}

// keepsEmpty are files that keep an empty directory in a repository.
func keepsEmpty(name string) bool {
	return slices.Contains([]string{".gitkeep", ".gitignore", ".keep", ".empty", ".DS_Store"}, name)
}

func (l bindInspection) volume(exists, filled bool) bind {
	b := bind{kind: bindVolume, volume: l.volumeName(), exists: exists, filled: filled}
	if !l.own {
		b.kind = bindHostDir
	}
	return b
}

// volumeName is the path of the directory, relative to the project where it is
// written so: the same on every machine.
func (l bindInspection) volumeName() string {
	if relative, err := filepath.Rel(l.Directory, l.source); l.own && err == nil && !inside(l.Directory, l.source) {
		return filepath.ToSlash(relative) // ../x
	}
	return l.pathText(l.source)
}

// leaves says whether a symbolic link leads from a path out of the directory
// that contains both the project and the path as it is written.
func (l bindInspection) leaves() bool {
	resolved, err := filepath.EvalSymlinks(l.source)
	if err != nil {
		return false
	}
	common := l.Directory
	for !inside(common, l.source) {
		common = filepath.Dir(common)
	}
	real, err := filepath.EvalSymlinks(common)
	return err == nil && !inside(real, resolved)
}

// dataNames are names of directories that programs write to.
var dataNames = []string{
	"data", "dbdata", "pgdata", "storage", "uploads", "upload", "media", "log", "logs", "backup", "backups", "cache", "tmp", "temp",
}

// dataTargets are where images keep what they write.
var dataTargets = []string{
	"/var/lib/postgresql", "/var/lib/postgresql/data", "/var/lib/mysql", "/var/lib/mariadb", "/data/db", "/data/configdb",
	"/var/lib/redis", "/var/lib/rabbitmq", "/var/lib/grafana", "/var/lib/influxdb", "/var/lib/influxdb2", "/var/lib/clickhouse",
	"/var/lib/cassandra", "/var/lib/neo4j/data", "/usr/share/elasticsearch/data", "/usr/share/opensearch/data", "/prometheus",
	"/var/opt/mssql", "/bitnami", "/var/jenkins_home", "/etc/letsencrypt", "/acme.sh", "/home/node/.n8n", "/root/.ollama",
}

// holdsData says whether a directory is one that programs write to, whatever is
// in it here: on the machine of a developer there may be a whole database in it,
// and in the repository nothing.
func (l bindInspection) holdsData() bool {
	name := strings.ToLower(path.Base(l.source))
	return !l.readOnly && (slices.Contains(dataNames, name) || slices.Contains(dataTargets, l.target) ||
		strings.HasSuffix(name, "-data") || strings.HasSuffix(name, "_data"))
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
