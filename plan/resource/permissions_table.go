package resource

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed permissions.json
var permissionsJSON []byte

// permissionTable says on what AWS lets each action be limited. Texts in braces are
// filled in, see Permissions.values.
var permissionTable = table.Of[struct {
	Source  string              `json:"source"`
	Facts   []string            `json:"facts"`   // the actions that reading the facts of an account needs
	Besides map[string][]string `json:"besides"` // what AWS asks for beside an action
	Linked  map[string]string   `json:"linked"`  // the services, by kind, that have a role made for them
	// Statements are those of every policy, in their order. An action may be in several,
	// where it is on resources of several types.
	Statements []statementRow `json:"statements"`
	// Only are the actions that a kind needs where the stack has another one as well.
	Only  map[string]string `json:"only"`
	Never map[string]string `json:"never"` // the actions of kinds that no policy allows, and why
}](permissionsJSON)

// statementRow makes a statement of those of its actions that are needed, on those of its
// resources of which all that is in braces is known. Where nothing is left of the actions,
// the resources or a condition, there is no statement.
type statementRow struct {
	Sid          string   `json:"sid"`
	Effect       string   `json:"effect"` // "": Allow
	When, Unless string   // a value that must be known, or must not be
	Always       bool     `json:"always"` // all of its actions, needed or not
	Actions      []string `json:"actions"`
	// Short are patterns that stand for several actions, since a policy may not be long, with
	// what else they match: nothing, or what only reads, or is done to the project's own.
	Short     map[string][]string            `json:"short"`
	Resources []string                       `json:"resources"`
	But       []string                       `json:"but"` // all resources but these
	Condition map[string]map[string][]string `json:"condition"`
}

// statement returns false where there is nothing to state.
func (row statementRow) statement(needed map[string]bool, values map[string][]string) (PolicyStatement, bool) {
	if row.When != "" && len(values[row.When]) == 0 || row.Unless != "" && len(values[row.Unless]) > 0 {
		return PolicyStatement{}, false
	}
	s := PolicyStatement{Sid: row.Sid, Effect: cmp.Or(row.Effect, "Allow")}
	for _, action := range row.Actions {
		if row.Always || needed[action] {
			s.Action = append(s.Action, action)
		}
	}
	s.For, s.Action = s.Action, row.shorten(s.Action)
	s.NotResource = fillIn(row.But, values)
	s.Resource = slices.DeleteFunc(fillIn(row.Resources, values), func(arn string) bool { return !s.Action.on(arn) })
	if len(row.But) > 0 && len(s.NotResource) == 0 {
		s.Resource = oneOrMore{"*"}
	}
	if len(s.Action) == 0 || len(s.Resource)+len(s.NotResource) == 0 {
		return PolicyStatement{}, false
	}
	for operator, keys := range row.Condition {
		for key, list := range keys {
			list = fillIn(list, values)
			if len(list) == 0 { // never wider for want of a value
				return PolicyStatement{}, false
			}
			s.require(operator, key, list)
		}
	}
	return s, true
}

// shorten puts patterns for actions of a row of which all are there.
func (row statementRow) shorten(actions []string) []string {
	if row.Always {
		return actions
	}
	out := slices.Clone(actions)
	for _, pattern := range slices.Sorted(maps.Keys(row.Short)) {
		matches := func(action string) bool { return matchesAction(pattern, action) }
		if missing := func(action string) bool { return matches(action) && !slices.Contains(actions, action) }; slices.ContainsFunc(row.Actions, missing) {
			continue
		}
		if left := slices.DeleteFunc(slices.Clone(out), matches); len(out)-len(left) > 1 {
			out = append(left, pattern)
		}
	}
	slices.Sort(out)
	return out
}

// matchesAction says whether a pattern with one or two stars matches an action. IAM does not
// tell lower from upper case in actions.
func matchesAction(pattern, action string) bool {
	parts, rest := strings.Split(strings.ToLower(pattern), "*"), strings.ToLower(action)
	for i, part := range parts {
		at := strings.Index(rest, part)
		if i == len(parts)-1 && part != "" {
			at = strings.LastIndex(rest, part)
		}
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return rest == "" || strings.HasSuffix(pattern, "*")
}

// on says whether one of the actions is of the service of an ARN.
func (actions oneOrMore) on(arn string) bool {
	service := strings.Split(arn+":::", ":")[2]
	return service == "" || slices.ContainsFunc(actions, func(action string) bool { return strings.HasPrefix(action, service+":") })
}

// fillIn returns texts with values for their words in braces.
func fillIn(list []string, values map[string][]string) []string {
	var out []string
	for _, text := range list {
		before, rest, braced := strings.Cut(text, "{")
		if !braced {
			out = append(out, text)
			continue
		}
		word, after, _ := strings.Cut(rest, "}")
		for _, value := range values[word] {
			out = append(out, fillIn([]string{before + value + after}, values)...)
		}
	}
	return out
}
