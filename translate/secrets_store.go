package translate

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// parameterAlphabet is from the SSM API reference, PutParameter: letters, digits
// and . - _, with / between the levels; the whole has up to 1011 characters.
var parameterAlphabet = alphabet{more: "_.-", max: 200}

// store stores a value in AWS under the name of an address: as a parameter, or
// as a secret if the value is too large for one or contains {{}}, which SSM
// would read as the name of another parameter (PutParameter). It returns nil,
// with an error at path, if the value fits neither or is empty.
func (sec *secrets) store(name, what string, value []byte, key string, path diag.Path) *storedSecret {
	v := &storedSecret{value: string(value), key: key, what: what, path: path}
	if !isText(value) {
		v.value, v.binary = base64.StdEncoding.EncodeToString(value), true
	}
	if len(value) == 0 {
		return nil
	}
	if len(v.value) > maxSecret {
		sec.errorf(path, "keep larger data in a file of the image, or in Amazon S3", "%s: a secret holds at most %s", bytesText(int64(len(v.value))), bytesText(maxSecret))
		return nil
	}
	v.address = plan.Address{Kind: spec.ParameterKind, Name: name}
	if len(v.value) > maxParameter || strings.Contains(v.value, "{{") {
		v.address.Kind = spec.SecretKind
	}
	if known := sec.stored[v.address]; known != nil {
		return known
	}
	sec.stored[v.address] = v
	return v
}

// folder is the path of a value without the hash at its end: the old and the new
// value of a secret are in the same one.
func (sec *secrets) folder(v *storedSecret) string {
	folder := sec.projectFolder()
	if v.crowd != "" {
		folder += "/" + crowdFolder(v.crowd)
	}
	return folder + "/" + parameterAlphabet.fitLevels(v.address.Name)
}

func (sec *secrets) projectFolder() string {
	return "compose2fargate/" + parameterAlphabet.fit(sec.Name)
}

// crowdFolder is the folder for the values of one service alone, no other name
// having such an end: it is none of those that parameterAlphabet makes.
func crowdFolder(service string) string {
	return ecsName(service) + "-" + digest(8, "values of one service", service)
}

// parentsOf are the folders that have others below them.
func (sec *secrets) parentsOf() map[string]bool {
	out := map[string]bool{}
	for _, v := range sec.stored {
		folder := sec.folder(v)
		for i := strings.LastIndexByte(folder, '/'); i >= 0 && !out[folder[:i]]; i = strings.LastIndexByte(folder[:i], '/') {
			out[folder[:i]] = true
		}
	}
	return out
}

// anyValue is the resource of a policy for whatever value a secret has, so that a
// new one changes no role, and tasks that have the old one can start again.
func (sec *secrets) anyValue(v *storedSecret) string {
	folder, values := sec.folder(v), "*"
	if v.crowd != "" {
		folder = sec.projectFolder() + "/" + crowdFolder(v.crowd)
	}
	if v.crowd == "" && sec.parents[folder] {
		values = "????????" // as long as its hash, which tells it from a folder below
	}
	arn := "arn:" + sec.partition() + ":%s:" + sec.region() + ":" + sec.account() + ":%s" + folder + "/" + values
	switch {
	case v.address.Kind == spec.ParameterKind:
		return fmt.Sprintf(arn, "ssm", "parameter/")
	case values == "*":
		return fmt.Sprintf(arn, "secretsmanager", "secret:")
	default:
		return fmt.Sprintf(arn+"-??????", "secretsmanager", "secret:") // which end in characters of their own
	}
}

// What the inline policies of a role say besides of values, of logs and of images, has
// room in a quarter of them. While tasks are replaced, a role names the values of the old
// ones as well: more than half are given a folder, so that both have room.
const (
	maxValueNames  = spec.MaxInlinePolicies * 3 / 4
	manyValueNames = maxValueNames / 2
)

// findCrowds gives values a folder of their service where a role could not name all
// of them: those that no other service has.
func (sec *secrets) findCrowds() {
	users := map[*storedSecret]map[string]bool{}
	values := map[*task][]*storedSecret{}
	for _, k := range sec.tasks {
		for _, s := range k.containers() {
			for _, v := range sec.of(s).all() {
				if users[v] == nil {
					users[v] = map[string]bool{}
				}
				users[v][k.name()] = true
				values[k] = append(values[k], v)
			}
		}
	}
	for _, k := range sec.tasks {
		if sec.namesOf(values[k]) <= manyValueNames {
			continue
		}
		for _, v := range values[k] {
			if v.isOurs() && len(users[v]) == 1 {
				v.crowd = k.name()
			}
		}
		if n := sec.namesOf(values[k]); n > maxValueNames {
			sec.errorf(at(k.name()), "put several values into one secret, or read them from a file of the image",
				"its role would have to name secrets with %d characters: the limit of IAM leaves %d", n, maxValueNames)
		}
	}
}

// namesOf is how many characters a policy needs to name values.
func (sec *secrets) namesOf(values []*storedSecret) int {
	names := map[string]bool{}
	for _, v := range values {
		name := v.arn.String()
		if v.isOurs() {
			name = sec.anyValue(v)
		}
		names[name] = true
	}
	n := 0
	for name := range names {
		n += len(name) + len(`"",`)
	}
	return n
}

func (v *storedSecret) isOurs() bool { return v.address != plan.Address{} }
