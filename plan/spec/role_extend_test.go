package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
)

// TestARoleWithWhatItMightBefore: it allows what either allows, and denies only what
// both deny.
func TestARoleWithWhatItMightBefore(t *testing.T) {
	on := func(texts ...string) (out []plan.Value) {
		for _, text := range texts {
			out = append(out, plan.Literal(text))
		}
		return out
	}
	role := func(boundary string, statements ...Statement) *Role {
		r := &Role{RoleName: "r", PermissionsBoundary: boundary}
		if len(statements) > 0 {
			r.InlinePolicies = []InlinePolicy{{PolicyName: "p", PolicyDocument: Policy{Statement: statements}}}
		}
		r.normalize()
		return r
	}
	read := Statement{Sid: "Read", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: on("one")}
	other := Statement{Sid: "Read", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: on("two")}
	both := Statement{Sid: "Read", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: on("one", "two")}
	put := Statement{Sid: "Read", Effect: "Allow", Action: []string{"s3:PutObject"}, Resource: on("one")}
	putBefore := put
	putBefore.Sid = "ReadBefore"
	renamed := read
	renamed.Sid = "Other"
	deny := Statement{Sid: "No", Effect: "Deny", Action: []string{"*"}, Resource: on("*")}
	for name, c := range map[string]struct{ before, want, both *Role }{
		"nothing changes":        {role("", read), role("", read), role("", read)},
		"another resource":       {role("", read), role("", other), role("", both)},
		"another action":         {role("", put), role("", read), role("", read, putBefore)},
		"another name":           {role("", renamed), role("", read), role("", read)},
		"no policy":              {role("", read), role(""), role("", read)},
		"a new denial":           {role("", read), role("", read, deny), role("", read)},
		"a denial less":          {role("", read, deny), role("", read), role("", read)},
		"the same denial":        {role("", read, deny), role("", other, deny), role("", both, deny)},
		"a new boundary":         {role("", read), role("b", read), role("", read)},
		"a boundary less":        {role("b", read), role("", read), role("", read)},
		"more rights, none less": {role("", read), role("", both), role("", both)},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.want.With(c.before)
			if diff := cmp.Diff(c.both, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			narrows := !cmp.Equal(c.both, c.want)
			if extends := roleRules().Extends(c.before, c.want); extends != narrows {
				t.Errorf("extends: %v, want %v", extends, narrows)
			}
		})
	}
}
