package resource

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// policyJSON writes a policy document for IAM.
func policyJSON(p spec.Policy) (string, error) {
	document := struct {
		Version   string
		Statement []any
	}{Version: p.Version}
	for _, s := range p.Statement {
		type plain spec.Statement
		if !slices.Equal(s.Principal["*"], []string{"*"}) {
			document.Statement = append(document.Statement, plain(s))
			continue
		}
		document.Statement = append(document.Statement, struct {
			plain
			Principal string
		}{plain(s), "*"})
	}
	data, err := json.Marshal(document)
	return string(data), err
}

// parsePolicy reads a policy document as IAM returns it: URL-encoded (RFC 3986),
// and with a string for a list of one where somebody wrote it so.
func parsePolicy(document string) (spec.Policy, error) {
	plainText := document
	if !strings.HasPrefix(document, "{") {
		var err error
		if plainText, err = url.PathUnescape(document); err != nil {
			return spec.Policy{}, fmt.Errorf("decode policy document: %w", err)
		}
	}
	var p struct {
		Version   string
		Statement many[statement]
	}
	if err := json.Unmarshal([]byte(plainText), &p); err != nil {
		return spec.Policy{}, fmt.Errorf("decode policy document: %w", err)
	}
	return spec.Policy{Version: p.Version, Statement: each(p.Statement, statement.spec)}, nil
}

// statement is a policy statement as anybody may write it. Elements that ours
// never have (NotAction, NotResource, NotPrincipal) leave theirs empty, which
// differs from what is wanted.
type statement struct {
	Sid       string
	Effect    string
	Principal principal
	Action    many[string]
	Resource  many[string]
	Condition map[string]map[string]many[scalar]
}

func (s statement) spec() spec.Statement {
	out := spec.Statement{
		Sid: s.Sid, Effect: s.Effect, Principal: s.Principal,
		Action: s.Action, Resource: literals(s.Resource),
	}
	for operator, keys := range s.Condition {
		if out.Condition == nil {
			out.Condition = map[string]map[string][]plan.Value{}
		}
		out.Condition[operator] = map[string][]plan.Value{}
		for key, values := range keys {
			out.Condition[operator][key] = each(values, func(v scalar) plan.Value { return plan.Literal(string(v)) })
		}
	}
	return out
}

// many is a list, or one of its items instead of the list.
type many[T any] []T

func (m *many[T]) UnmarshalJSON(data []byte) error {
	var list []T
	if err := json.Unmarshal(data, &list); err == nil {
		*m = list
		return nil
	}
	var single T
	if err := json.Unmarshal(data, &single); err != nil {
		return err
	}
	*m = many[T]{single}
	return nil
}

// scalar is a string, or a number or boolean that means its text.
type scalar string

func (s *scalar) UnmarshalJSON(data []byte) error {
	var value string
	if err := json.Unmarshal(data, &value); err != nil {
		value = string(data)
	}
	*s = scalar(value)
	return nil
}

// principal is a map of lists; "*" alone is anybody.
type principal map[string][]string

func (p *principal) UnmarshalJSON(data []byte) error {
	var anybody string
	if err := json.Unmarshal(data, &anybody); err == nil {
		*p = principal{anybody: {anybody}}
		return nil
	}
	var lists map[string]many[string]
	if err := json.Unmarshal(data, &lists); err != nil {
		return err
	}
	*p = principal{}
	for kind, list := range lists {
		(*p)[kind] = list
	}
	return nil
}
