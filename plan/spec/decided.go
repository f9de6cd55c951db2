package spec

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// What release 2 decides otherwise than the first, which is all up to commit c3a82f1
// and a little after it.

// IsFormerly says whether a live parameter or secret has the value of a desired one,
// under the name that the first release gave it.
func IsFormerly(target plan.Target, live, want *plan.Resource) bool {
	value, _ := want.Payload.(string)
	if value == "" || plan.MadeBy(live) != 1 {
		return false
	}
	folder, hash := cutLevel(nameOfValue(live.Spec))
	same, _ := cutLevel(nameOfValue(want.Spec))
	return folder == same && hash == plan.FormerShort(target, want.Address, value)
}

func nameOfValue(s any) string {
	if secret, ok := s.(*Secret); ok {
		return secret.Name
	}
	return s.(*Parameter).Name
}

func cutLevel(name string) (folder, last string) {
	at := strings.LastIndexByte(name, '/')
	return name[:max(at, 0)], name[at+1:]
}

// Roles are trusted without conditions, and may read whatever value a secret has.
var decidedOfRole = []plan.Decision{
	{Release: 2, Path: "assumeRolePolicyDocument"},
	{Release: 2, Path: "inlinePolicies.*.policyDocument.Statement", Only: grantsAnyValue},
	{Release: 3, Path: "inlinePolicies.*.policyDocument.Statement", Only: grantsOtherValues},
}

// valueArn matches the ARN of one value of a secret.
var valueArn = regexp.MustCompile(`(:parameter/compose2fargate/.*|:secret:compose2fargate/.*)/[0-9a-f]{8}(-[A-Za-z0-9]{6})?$`)

func grantsAnyValue(_ plan.Target, _, _ *plan.Resource, c plan.Change) bool {
	return reflect.DeepEqual(anyValues(c.From), anyValues(c.To))
}

// anyValues is part of a policy with the paths of secrets in place of their values.
func anyValues(node any) any {
	switch node := node.(type) {
	case string:
		return valueArn.ReplaceAllString(node, "$1/*")
	case []any:
		out := make([]any, len(node))
		for i, item := range node {
			out[i] = anyValues(item)
		}
		return slices.CompactFunc(out, func(a, b any) bool { return reflect.DeepEqual(a, b) })
	case map[string]any:
		out := map[string]any{}
		for key, value := range node {
			out[key] = anyValues(value)
		}
		return out
	default:
		return node
	}
}

// The tag of an image is a hash of more than it was, contexts are hashed by what is
// their content, of which the first release left no list, and modes without the rights
// that a umask takes.
var decidedOfImage = []plan.Decision{
	{Release: 2, Path: "tag", Only: onlyTag},
	{Release: 2, Path: "files.*.mode", Only: onlyWriting},
	{Release: 2, Path: "context", Now: true},
	{Release: 2, Path: "contextFiles", Now: true},
	{Release: 2, Path: "tag", Only: otherContext, Now: true},
	{Release: 3, Path: "files.*.*", Only: onlyHidden},
	{Release: 3, Path: "tag", Only: onlyTagOfHidden},
}

// onlyHidden says whether a file with secrets is the same but for being hidden now.
func onlyHidden(target plan.Target, live, want *plan.Resource, c plan.Change) bool {
	at := func(s any) *ImageFile {
		files := s.(*Image).Files
		i := slices.IndexFunc(files, func(f ImageFile) bool { return f.Path == c.Path[1] })
		if i < 0 {
			return nil
		}
		return &files[i]
	}
	from, to := at(live.Spec), at(want.Spec)
	return from != nil && to != nil && isHiddenFile(*to) && hiddenAs(target, *from, *to)
}

func isHiddenFile(f ImageFile) bool { return strings.HasPrefix(f.SHA256, plan.SecretPrefix) }

// hiddenAs says whether a file of an earlier release becomes another one when it is hidden.
func hiddenAs(target plan.Target, from, to ImageFile) bool {
	from = HideFile(plan.NewMasker(target), from)
	from.Mode = to.Mode // of which other decisions are
	return from == to
}

// onlyTagOfHidden says whether images are the same but for files that are hidden now.
func onlyTagOfHidden(target plan.Target, live, want *plan.Resource, c plan.Change) bool {
	now, to := *live, want.Spec.(*Image)
	from := *live.Spec.(*Image)
	from.Files = slices.Clone(from.Files)
	for i, f := range from.Files {
		if i < len(to.Files) && isHiddenFile(to.Files[i]) && !isHiddenFile(f) && hiddenAs(target, f, to.Files[i]) {
			from.Files[i] = to.Files[i]
		}
	}
	now.Spec = &from
	return onlyTag(target, &now, want, c)
}

// onlyTag says whether images are made of the same but for what onlyWriting lets be.
func onlyTag(target plan.Target, live, want *plan.Resource, _ plan.Change) bool {
	from, to := *live.Spec.(*Image), *want.Spec.(*Image)
	from.Tag, from.Repository, from.ContextFiles = to.Tag, to.Repository, to.ContextFiles
	from.Files = slices.Clone(from.Files)
	for i, f := range from.Files {
		if i < len(to.Files) && writesLess(f.Mode, to.Files[i].Mode) {
			from.Files[i].Mode = to.Files[i].Mode
		}
	}
	return reflect.DeepEqual(from, to)
}

func otherContext(_ plan.Target, live, want *plan.Resource, _ plan.Change) bool {
	return live.Spec.(*Image).Context != want.Spec.(*Image).Context
}

func onlyWriting(_ plan.Target, _, _ *plan.Resource, c plan.Change) bool {
	from, _ := c.From.(string)
	to, _ := c.To.(string)
	return writesLess(from, to)
}

// writesLess says whether two modes are the same but for the rights of group and
// others to write.
func writesLess(from, to string) bool {
	before, err := strconv.ParseUint(strings.TrimLeft(from, "dl"), 8, 32)
	after, failed := strconv.ParseUint(strings.TrimLeft(to, "dl"), 8, 32)
	return err == nil && failed == nil && before&^0o022 == after&^0o022
}
