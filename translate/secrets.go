package translate

import (
	"encoding/json"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/fault"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// The greatest values that AWS keeps, in bytes: those of a standard parameter
// (SSM quotas, "Parameter value size limit") and of a secret (Secrets Manager
// quotas, "Size of a secret value").
const (
	maxParameter = 4 << 10
	maxSecret    = 64 << 10
)

// storedSecret is a value that AWS keeps for tasks: ours, as a parameter of SSM or a
// secret of Secrets Manager, or one that is there already.
type storedSecret struct {
	address plan.Address // zero for one that is there already
	value   string       // as it is kept; "" for one that is there already
	binary  bool         // value is base64 of what it stands for
	ref     plan.Value   // by which a container names it
	arn     plan.Value   // of what a role may read
	key     string       // ARN of the KMS key; "": AWS's own
	crowd   string       // the service in whose folder it is; "": in one of its own
	what    string       // what it is, for those who look at it in AWS
	path    diag.Path    // where the files ask for it
}

// secrets is the phase that finds every value that AWS keeps for the tasks. It needs
// the tasks alone, and hands on what each container gets.
type secrets struct {
	*localFiles
	start      func(container) imageStart
	stored     map[plan.Address]*storedSecret
	parents    map[string]bool                     // of the folders of what is stored
	values     map[string]map[string]*storedSecret // of secrets, by compose name
	containers map[string]containerSecrets         // by the key of the container
	lines      map[string]secretLines              // by the key of the container
	files      map[string][]secretFile             // by the key of the container
}

func newSecrets(local *localFiles, start func(container) imageStart) *secrets {
	return &secrets{
		localFiles: local, start: start, lines: map[string]secretLines{}, stored: map[plan.Address]*storedSecret{}, values: map[string]map[string]*storedSecret{},
		containers: map[string]containerSecrets{}, files: map[string][]secretFile{},
	}
}

// of are the secrets of a container.
func (sec *secrets) of(s container) containerSecrets {
	return sec.containers[s.key()]
}

// storeSecrets finds all that AWS must keep, and makes it. Each name ends in a
// slow hash of the value, so that all are hashed at once.
func (sec *secrets) storeSecrets() {
	for _, k := range sec.tasks {
		for _, s := range k.containers() {
			found := containerSecrets{files: sec.filesOf(s), variables: sec.secretVariables(s)}
			sec.lines[s.key()] = sec.linesOf(s, found.variables)
			found.variables = append(found.variables, sec.lines[s.key()].variables...)
			sec.containers[s.key()] = found
		}
	}
	sec.findCrowds()
	sec.parents = sec.parentsOf()
	addresses := slices.SortedFunc(maps.Keys(sec.stored), plan.Address.Compare)
	for i, hash := range sec.secretHashes(addresses) {
		sec.make(sec.stored[addresses[i]], hash)
	}
}

// secretHashes are the ends of the names of stored values; if the account is not
// known, they are refs.
func (sec *secrets) secretHashes(addresses []plan.Address) []string {
	target := plan.Target{Partition: sec.facts.Partition, Account: sec.facts.Account, Region: sec.facts.Region, Project: sec.Name}
	masker := sec.masker(target)
	out := make([]string, len(addresses))
	group := fault.NewGroup(runtime.GOMAXPROCS(0)) // each takes 7 MiB
	for i, address := range addresses {
		group.Go(func() {
			hash := ""
			if target.Account != "" {
				hash = masker.Short(address, sec.stored[address].value)
			}
			out[i] = plan.Fact(address.Name, "hash", hash).String()
		})
	}
	group.Wait()
	return out
}

// masker remembers what was hashed: a stack is made more than once, as more
// becomes known of the account.
func (p *Project) masker(target plan.Target) *plan.Masker {
	masker, _ := p.maskers.LoadOrStore(target, plan.NewMasker(target))
	return masker.(*plan.Masker)
}

// make adds the resource that holds a value.
func (sec *secrets) make(v *storedSecret, hash string) {
	name := "/" + sec.folder(v) + "/" + hash
	v.arn = plan.Literal(sec.anyValue(v))
	known := !strings.Contains(hash, "${")
	var resource any
	if v.address.Kind == spec.ParameterKind {
		resource = &spec.Parameter{Name: name, Description: v.what, KeyID: v.key, Tags: sec.tags()}
		text := ""
		if known {
			text = sec.arn("ssm", "parameter"+name)
		}
		v.ref = plan.RefTo(v.address, "arn", text)
	} else {
		resource = &spec.Secret{Name: strings.TrimPrefix(name, "/"), Description: v.what, KmsKeyID: v.key, Tags: sec.tags()}
		v.ref = plan.RefTo(v.address, "arn", "") // ends in six characters that nobody can know
	}
	r := sec.add(v.address, sec.At(v.path...), resource)
	r.Payload, r.Origins = v.value, sec.storedOrigins(v.address.Name)
}

// secretRandom is what the ARN of a secret ends in.
var secretRandom = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)

// there is a value that exists in AWS: by its ARN, or for an SSM parameter by
// its name. A secret in Secrets Manager needs its ARN, whose end cannot be
// predicted. It returns nil, with an error at path, if name is neither.
func (sec *secrets) there(name, jsonKey, key string, path diag.Path) *storedSecret {
	v := &storedSecret{key: key, path: path}
	sec.noteElsewhere(path, name)
	switch found := secretArn.FindStringSubmatch(name); {
	case found != nil && jsonKey != "" && found[2] == "":
		v.ref, v.arn = plan.Literal(name+":"+jsonKey+"::"), plan.Literal(readable(found[1]))
	case found != nil:
		v.ref, v.arn = plan.Literal(name), plan.Literal(readable(found[1]))
	case jsonKey != "":
		sec.errorf(path, "name the ARN of a secret in Secrets Manager", "x-aws-keys needs a Secrets Manager secret; %q is not one", name)
		return nil
	case parameterArn.MatchString(name):
		v.ref, v.arn = plan.Literal(name), plan.Literal(name)
	case strings.HasPrefix(name, "arn:"):
		sec.errorf(path, "name a parameter of SSM or a secret of Secrets Manager", "%q is the ARN of neither a parameter nor a secret", name)
		return nil
	case !parameterName.MatchString(name):
		sec.errorf(path, "name a parameter, or the ARN of a secret", "%q is no name of a parameter in SSM, which has letters, digits, . - _ and /", name)
		return nil
	default:
		arn := "arn:" + sec.partition() + ":ssm:" + sec.region() + ":" + sec.account() + ":parameter/" + strings.TrimPrefix(name, "/")
		v.ref, v.arn = plan.Literal(arn), plan.Literal(arn)
	}
	return v
}

// readable is the form of a secret's ARN in a policy: a reference may leave out
// the six characters at its end, a policy may not.
func readable(arn string) string {
	if secretRandom.MatchString(arn) {
		return arn
	}
	return arn + "-??????"
}

// secretValues are the values under which a secret of the compose files is
// stored: one, or one for each of its x-aws-keys. nil, with an error, if there
// is none.
func (sec *secrets) secretValues(name string) map[string]*storedSecret {
	config := sec.Compose.Secrets[name]
	path := diag.Path{"secrets", name}
	keys, split := sec.jsonKeys(name)
	key := sec.kmsKey(name)
	if config.External {
		if !split {
			keys = []string{""}
		}
		out := map[string]*storedSecret{}
		for _, k := range keys {
			if v := sec.there(config.Name, k, key, path.Key("name")); v != nil {
				out[k] = v
			}
		}
		return out
	}
	value, place, ok := sec.secretValue(name)
	if !ok {
		return nil
	}
	what := "Secret " + name + " of compose project " + sec.Name
	if split {
		return sec.splitValue(name, what, value, keys, key, place)
	}
	if len(value) == 0 {
		sec.warnf(place, "", "the secret is empty")
	}
	return map[string]*storedSecret{"": sec.store(name, what, value, key, place)}
}

// secretValue reads the value of a secret on this machine, and returns the
// place that names it.
func (sec *secrets) secretValue(name string) (value []byte, place diag.Path, ok bool) {
	config := sec.Compose.Secrets[name]
	path := diag.Path{"secrets", name}
	switch {
	case config.File != "":
		place = path.Key("file")
		value, ok = sec.readLocal(config.File, place, maxSecret, "keep larger data in a file of the image, or in Amazon S3")
	case config.Environment != "":
		place = path.Key("environment")
		value, ok = sec.fromEnvironment(config.Environment, place)
	default:
		place, value, ok = path, []byte(config.Content), true
	}
	return value, place, ok
}

// splitValue splits a JSON object into its keys. Its errors do not contain any
// part of the value.
func (sec *secrets) splitValue(name, what string, value []byte, keys []string, key string, path diag.Path) map[string]*storedSecret {
	var object map[string]any
	if err := json.Unmarshal(value, &object); err != nil {
		sec.errorf(path, "", "x-aws-keys needs a JSON object, and the value of this secret is not one")
		return nil
	}
	if slices.Equal(keys, []string{"*"}) {
		keys = sortedKeys(object)
	}
	out := map[string]*storedSecret{}
	for _, k := range keys {
		v, ok := object[k]
		if !ok {
			sec.errorf(diag.Path{"secrets", name, "x-aws-keys"}, "", "the value of this secret has no key %q", k)
			continue
		}
		text, isText := v.(string)
		if !isText {
			encoded, err := json.Marshal(v)
			if err != nil {
				continue // it came from JSON
			}
			text = string(encoded)
		}
		out[k] = sec.store(name+"/"+addressPart(k), what, []byte(text), key, path)
	}
	return out
}

// jsonKeys reads Docker's x-aws-keys: the keys of a JSON object that become a
// file each.
func (sec *secrets) jsonKeys(name string) (keys []string, ok bool) {
	config := sec.Compose.Secrets[name]
	value, ok := config.Extensions["x-aws-keys"]
	if !ok {
		return nil, false
	}
	path := diag.Path{"secrets", name, "x-aws-keys"}
	keys = xfargate.Strings(value)
	if text, isText := value.(string); isText {
		keys = []string{text}
	}
	switch {
	case len(keys) == 0:
		sec.errorf(path, `write a list of keys, or "*" for all`, "must be a list of strings")
		return nil, false
	case slices.Contains(keys, "*") && bool(config.External):
		sec.errorf(path, "name the keys", "the keys of a secret in AWS are not known here")
		return nil, true
	}
	return keys, true
}

// kmsKey is the key of driver_opts.kms_key_id, "" for AWS's own.
func (sec *secrets) kmsKey(name string) string {
	key := sec.Compose.Secrets[name].DriverOpts["kms_key_id"]
	if key != "" && !keyArn.MatchString(key) {
		sec.errorf(diag.Path{"secrets", name, "driver_opts", "kms_key_id"}, "write arn:aws:kms:REGION:ACCOUNT:key/ID", "must be the ARN of a key")
		return ""
	}
	sec.noteElsewhere(diag.Path{"secrets", name, "driver_opts", "kms_key_id"}, key)
	return key
}

// addressPart makes a name one that can stand in an address without a dot or a
// slash in it.
func addressPart(name string) string {
	return alphabet{more: "_-", max: 200}.fit(name)
}

// valuesOf are the secretValues of a secret, read and spoken of once.
func (sec *secrets) valuesOf(name string) map[string]*storedSecret {
	if values, ok := sec.values[name]; ok {
		return values
	}
	values := sec.secretValues(name)
	sec.values[name] = values
	return values
}

// containerSecrets are the secrets of one container.
type containerSecrets struct {
	files     []secretFile
	variables []secretVariable
}

// all are the values that a container gets, one way or the other.
func (c containerSecrets) all() []*storedSecret {
	var out []*storedSecret
	for _, f := range c.files {
		out = append(out, f.value)
	}
	for _, v := range c.variables {
		out = append(out, v.value)
	}
	return slices.DeleteFunc(out, func(v *storedSecret) bool { return v == nil })
}

// secretFile is a secret that a container sees as a file.
type secretFile struct {
	target   string
	mode     string // octal
	uid, gid int
	value    *storedSecret // nil: an empty file
	path     diag.Path
}

// filesOf are the secretFiles of a container, read and spoken of once.
func (sec *secrets) filesOf(s container) []secretFile {
	files, known := sec.files[s.key()]
	if !known {
		files = sec.secretFiles(s)
		sec.files[s.key()] = files
	}
	return files
}

// secretFiles are the files of secrets and of external configs.
func (sec *secrets) secretFiles(s container) []secretFile {
	var out []secretFile
	add := func(c types.FileReferenceConfig, key, dir string, index int, values map[string]*storedSecret) {
		place := s.at(key, strconv.Itoa(index))
		for _, k := range sortedKeys(values) {
			f := secretFile{
				target: targetOf(c.Target, dir, c.Source), mode: modeText("", fileMode(c.Mode)), path: place,
				uid: sec.owner(c.UID, "uid", place), gid: sec.owner(c.GID, "gid", place), value: values[k],
			}
			if k != "" {
				f.target += "/" + k
			}
			out = append(out, f)
		}
	}
	for i, c := range s.Secrets {
		add(types.FileReferenceConfig(c), "secrets", secretsDirectory, i, sec.valuesOf(c.Source))
	}
	for i, c := range s.Configs {
		config := sec.Compose.Configs[c.Source]
		if !config.External {
			continue
		}
		if v := sec.there(config.Name, "", "", diag.Path{"configs", c.Source, "name"}); v != nil {
			add(types.FileReferenceConfig(c), "configs", "/", i, map[string]*storedSecret{"": v})
		}
	}
	return out
}

// storedOrigins are those of a parameter or secret, by its name: SECRET, SECRET/KEY
// or SERVICE.VARIABLE.
func (sec *secrets) storedOrigins(name string) []plan.Origin {
	for _, secret := range []string{name, name[:max(0, strings.LastIndexByte(name, '/'))]} {
		if _, ok := sec.Compose.Secrets[secret]; ok {
			return from(diag.Path{"secrets", secret}, "file", "environment")
		}
	}
	cut := max(0, strings.LastIndexAny(name, "./"))
	service, _, _ := strings.Cut(name[:cut], "/")
	if !sec.HasService(service) {
		return from(diag.Path{"services"})
	}
	return from(sec.firstPath(at(service, "environment", name[cut+1:]), at(service, "env_file"), at(service, "environment"), at(service)))
}
