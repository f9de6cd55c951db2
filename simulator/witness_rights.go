package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// grant is what a statement says of one action and one resource, both patterns.
type grant struct {
	what             string // in words
	action, resource side
	condition        string // as JSON; empty for always
	denies           bool
}

// side is a pattern of a statement, or all but some patterns: NotAction, NotResource.
type side struct {
	patterns []string
	except   bool
}

// rightsHeld are what the task role lets its task do: all that is said of it, since
// the program in the task may use it at any time. What managed policies say that are
// not known here is held while they are attached.
func (a *Account) rightsHeld(td *types.TaskDefinition) []holding {
	role := func() *Role { return a.roleByARN(str(td.TaskRoleArn)) }
	before, attached := a.grantsOf(role())
	now := sync.OnceValues(func() ([]grant, []string) { return a.grantsOf(role()) })
	var list []holding
	for _, g := range before {
		if g.denies {
			continue
		}
		list = append(list, holding{what: g.what, held: func() bool {
			grants, _ := now()
			return g.within(grants) && !g.cutBy(grants, before)
		}})
	}
	for _, arn := range attached {
		list = append(list, holding{what: "the policy " + arn + " of its role", held: func() bool {
			grants, still := now()
			return slices.Contains(still, arn) || everything.within(grants)
		}})
	}
	return list
}

// everything is what no policy can go beyond.
var everything = grant{action: side{patterns: []string{"*"}}, resource: side{patterns: []string{"*"}}}

// grantsOf are the grants of a role's policies, and those that are not known here.
func (a *Account) grantsOf(role *Role) (grants []grant, unknown []string) {
	if role == nil {
		return nil, nil
	}
	for _, name := range sortedKeys(role.Inline) {
		var p policy
		if json.Unmarshal([]byte(role.Inline[name]), &p) != nil {
			continue
		}
		for _, s := range p.Statement {
			grants = append(grants, s.grants()...)
		}
	}
	for _, arn := range role.Attached {
		actions := a.managed(arn)
		if actions == nil {
			unknown = append(unknown, arn)
		}
		for _, action := range actions {
			grants = append(grants, newGrant(side{patterns: []string{action}}, everything.resource))
		}
	}
	return grants, unknown
}

// grants are what a statement says, one for each of its actions and resources.
func (s statement) grants() []grant {
	condition := ""
	if len(s.Condition) > 0 {
		condition = string(appendJSON(nil, s.Condition))
	}
	var list []grant
	for _, action := range sides(s.Action, s.NotAction) {
		for _, resource := range sides(s.Resource, s.NotResource) {
			g := newGrant(action, resource)
			g.condition, g.denies = condition, s.Effect == "Deny"
			list = append(list, g)
		}
	}
	return list
}

func newGrant(action, resource side) grant {
	g := grant{what: "the right to " + action.String() + " on " + resource.String(), resource: resource}
	g.action.except = action.except
	for _, pattern := range action.patterns { // which have no case (IAM User Guide, "IAM JSON policy elements: Action")
		g.action.patterns = append(g.action.patterns, strings.ToLower(pattern))
	}
	return g
}

func sides(patterns, except json.RawMessage) []side {
	if except != nil {
		return []side{{patterns: texts(except), except: true}}
	}
	var list []side
	for _, pattern := range texts(patterns) {
		list = append(list, side{patterns: []string{pattern}})
	}
	return list
}

func (s side) String() string {
	if s.except {
		return "all but " + strings.Join(s.patterns, ", ")
	}
	return s.patterns[0]
}

// within tells whether one of the others of its effect says as much.
func (g grant) within(others []grant) bool {
	return slices.ContainsFunc(others, func(o grant) bool {
		return o.denies == g.denies && (o.condition == "" || o.condition == g.condition) &&
			o.action.includes(g.action) && o.resource.includes(g.resource)
	})
}

// cutBy tells whether something is denied of what it allows that was not denied
// before.
func (g grant) cutBy(now, before []grant) bool {
	return slices.ContainsFunc(now, func(o grant) bool {
		return o.denies && o.condition == "" && o.action.meets(g.action) && o.resource.meets(g.resource) && !o.within(before)
	})
}

// includes tells whether all that the other one is about is in this one. It may
// deny that where patterns are alike only in what they mean: ?* and *?.
func (s side) includes(other side) bool {
	switch {
	case s.except && other.except: // it leaves out no more
		return !slices.ContainsFunc(s.patterns, func(p string) bool {
			return !slices.ContainsFunc(other.patterns, func(o string) bool { return globIncludes(o, p) })
		})
	case s.except:
		return !slices.ContainsFunc(s.patterns, func(p string) bool { return globsMeet(p, other.patterns[0]) })
	case other.except:
		return s.patterns[0] == "*"
	}
	return globIncludes(s.patterns[0], other.patterns[0])
}

// meets tells whether both are about something in common.
func (s side) meets(other side) bool {
	switch {
	case s.except && other.except:
		return true
	case s.except:
		return other.meets(s)
	case other.except:
		return !slices.ContainsFunc(other.patterns, func(p string) bool { return globIncludes(p, s.patterns[0]) })
	}
	return globsMeet(s.patterns[0], other.patterns[0])
}
