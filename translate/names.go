package translate

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// alphabet is what AWS allows in the names of one kind.
type alphabet struct {
	more  string // characters that are allowed beside ASCII letters and digits
	max   int    // length in characters
	folds bool   // Name and name are one to AWS

	dotless bool // a dot does not come first
}

var (
	// ECS API reference: clusters, services, families, containers and volumes
	// have up to 255 letters, digits, underscores and hyphens.
	ecsAlphabet = alphabet{more: "_-", max: 255}
	// IAM API reference, CreateRole: "Names are not distinguished by case".
	iamAlphabet = alphabet{more: "_+=,.@-", max: 64, folds: true}
	// EC2 API reference, CreateSecurityGroup; names are compared without case.
	groupAlphabet = alphabet{more: " ._:/()#,@[]+=&;{}!$*-", max: 255, folds: true}
	// CloudWatch Logs API reference, CreateLogGroup.
	logAlphabet = alphabet{more: "._/#-", max: 512}
)

// hashed knows names that look as if their end were a hash of ours. They get
// one as well, or "my-api-1a2b3c4d" could be the name of two.
func hashed(name string) bool {
	at := len(name) - 9
	return at >= 0 && name[at] == '-' && strings.Trim(name[at+1:], "0123456789abcdef") == ""
}

// allows says whether a name has nothing but characters that are allowed.
func (a alphabet) allows(name string) bool { return a.clean(name) == name }

// clean is a name with a hyphen for each character that is not allowed.
func (a alphabet) clean(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(a.more, r) {
			return r
		}
		return '-'
	}, name)
	if a.dotless && strings.HasPrefix(clean, ".") {
		return "-" + clean[1:]
	}
	return clean
}

// fit turns name into one that AWS allows. It does not change an allowed name;
// otherwise the name ends in a hash of the whole, so that different names stay
// different.
func (a alphabet) fit(name string) string {
	clean := a.clean(name)
	folded := a.folds && strings.ToLower(name) != name
	if clean == name && len(name) <= a.max && !folded && !hashed(name) {
		return name
	}
	suffix := "-" + digest(8, name)
	return clean[:min(len(clean), a.max-len(suffix))] + suffix
}

// fitLevels is fit for each level of a path.
func (a alphabet) fitLevels(path string) string {
	levels := strings.Split(path, "/")
	for i, level := range levels {
		levels[i] = a.fit(level)
	}
	return strings.Join(levels, "/")
}

// digest is the first n hexadecimal digits of a hash of parts.
func digest(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])[:n]
}

func ecsName(name string) string { return ecsAlphabet.fit(name) }

// familyName is the family of the task definitions of a service.
func familyName(project, service string) string { return ecsName(project + "-" + service) }

// roleName is that of a role of the project, for a service where one is given.
// Region is part of it since IAM is global; it may be a ref, which has its own
// characters.
func roleName(project, role, region string) string {
	if strings.Contains(region, "${") {
		return iamAlphabet.fit(project+"-"+role) + "-" + region
	}
	return iamAlphabet.fit(project + "-" + role + "-" + region)
}

func logGroupName(project string) string { return logAlphabet.fit("/compose2fargate/" + project) }

// elbName is the name of a load balancer or target group: up to 32 letters,
// digits and hyphens, with no hyphen at either end (CreateTargetGroupInput,
// elbv2 v1.63.7). It ends in a hash of what cannot be changed, so that a
// replacement can be created beside the old one. Long names are cut, and may
// differ only in their hash.
func elbName(name string, identity ...string) string {
	const most = 32 - 7
	clean := elbRefused.ReplaceAllString(name, "-")
	if strings.HasPrefix(clean+"-", "internal-") { // ELB keeps these to itself
		clean = "project-" + clean
	}
	clean = strings.Trim(clean[:min(len(clean), most)], "-")
	return strings.TrimPrefix(clean+"-", "-") + digest(6, identity...)
}

var elbRefused = regexp.MustCompile(`[^A-Za-z0-9-]`)

// portName is unique in a task, which has each port once.
func portName(protocol string, port int) string { return protocol + "-" + strconv.Itoa(port) }
