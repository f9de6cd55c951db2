package resource

import (
	"encoding/json"
)

// Policy is an identity policy of IAM as JSON has it. Its statements may stand in several
// policies of one role just as well.
type Policy struct {
	Version   string
	Statement []PolicyStatement
}

// add adds a statement. One of the same name as the last belongs to it: its actions are on
// the same resources.
func (p *Policy) add(s PolicyStatement) {
	last := len(p.Statement) - 1
	if last < 0 || p.Statement[last].Sid != s.Sid {
		p.Statement = append(p.Statement, s)
		return
	}
	p.Statement[last].Action = sortedSet(append(p.Statement[last].Action, s.Action...))
	p.Statement[last].For = sortedSet(append(p.Statement[last].For, s.For...))
}

// PolicyStatement has either Resource or NotResource.
type PolicyStatement struct {
	Sid, Effect string
	Action      oneOrMore
	Resource    oneOrMore                       `json:",omitempty"`
	NotResource oneOrMore                       `json:",omitempty"`
	Condition   map[string]map[string]oneOrMore `json:",omitempty"` // by operator and key
	// For are the actions for which it is made, of which Action has patterns.
	For []string `json:"-"`
}

// oneOrMore is one text, or a list of several.
type oneOrMore []string

// MarshalJSON saves the brackets around one text: policies are counted in characters.
func (list oneOrMore) MarshalJSON() ([]byte, error) {
	if len(list) == 1 {
		return json.Marshal(list[0])
	}
	return json.Marshal([]string(list))
}

func (s *PolicyStatement) require(operator, key string, values []string) {
	if s.Condition == nil {
		s.Condition = map[string]map[string]oneOrMore{}
	}
	if s.Condition[operator] == nil {
		s.Condition[operator] = map[string]oneOrMore{}
	}
	s.Condition[operator][key] = values
}

// MostInPolicy is how many characters a managed policy may have, white space left out (IAM
// User Guide, "IAM and AWS STS quotas").
const MostInPolicy = 6144

// JSON is the policy without white space.
func (p Policy) JSON() string {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // nothing in it can fail
	}
	return string(data)
}

// Parts are the policy in policies of which none is too large, in the order of the
// statements; it is one of them where it fits. A statement that is too large alone stays
// as it is.
func (p Policy) Parts() []Policy {
	var out []Policy
	next := Policy{Version: p.Version}
	for _, s := range p.Statement {
		longer := Policy{p.Version, append(next.Statement[:len(next.Statement):len(next.Statement)], s)}
		if len(next.Statement) > 0 && len(longer.JSON()) > MostInPolicy {
			out = append(out, next)
			longer = Policy{p.Version, []PolicyStatement{s}}
		}
		next = longer
	}
	return append(out, next)
}
