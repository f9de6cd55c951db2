package simulator

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// policy is as much of a policy document as is checked.
type policy struct {
	Version   string
	Statement statements
}

// statements is one statement or a list of them.
type statements []statement

type statement struct {
	Sid                   string
	Effect                string
	Principal             json.RawMessage
	Action, NotAction     json.RawMessage
	Resource, NotResource json.RawMessage
	Condition             map[string]map[string]json.RawMessage // by operator and key
}

func (s *statements) UnmarshalJSON(data []byte) error {
	if data[0] != '[' {
		*s = make(statements, 1)
		return json.Unmarshal(data, &(*s)[0])
	}
	return json.Unmarshal(data, (*[]statement)(s))
}

// checkPolicy refuses documents that IAM calls malformed. A trust policy has
// principals and no resources, an identity policy the other way round (IAM User
// Guide, "Grammar of the IAM JSON policy language").
func checkPolicy(document string, trust bool) error {
	var p policy
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		return malformed("This policy contains invalid Json")
	}
	if p.Version != "" && p.Version != "2012-10-17" && p.Version != "2008-10-17" {
		return malformed("The policy must contain a valid version string")
	}
	if len(p.Statement) == 0 {
		return malformed("Syntax errors in policy.")
	}
	for _, s := range p.Statement {
		switch {
		case s.Effect != "Allow" && s.Effect != "Deny":
			return malformed("Syntax errors in policy.")
		case s.Action == nil && s.NotAction == nil:
			return malformed("Policy statement must contain actions.")
		case trust && s.Principal == nil:
			return malformed("Missing required field Principal")
		case trust && (s.Resource != nil || s.NotResource != nil):
			return malformed("Has prohibited field Resource")
		case !trust && s.Principal != nil:
			return malformed("Policy document should not specify a principal.")
		case !trust && s.Resource == nil && s.NotResource == nil:
			return malformed("Policy statement must contain resources.")
		}
		if err := s.checkNames(trust); err != nil {
			return err
		}
	}
	return nil
}

// checkNames refuses actions without a service, resources that are no ARNs and
// services that cannot be one (IAM User Guide, the same page, and "IAM JSON policy
// elements: Action", "… Resource" and "… Principal").
func (s statement) checkNames(trust bool) error {
	for _, action := range append(texts(s.Action), texts(s.NotAction)...) {
		service, _, named := strings.Cut(action, ":")
		switch {
		case action != "*" && (!named || service == ""):
			return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		case trust && action != "*" && service != "sts":
			return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
		}
	}
	for _, resource := range append(texts(s.Resource), texts(s.NotResource)...) {
		if !strings.HasPrefix(resource, "arn:") && !strings.HasPrefix(resource, "*") {
			return malformed(fmt.Sprintf(`Resource %s must be in ARN format or "*".`, resource))
		}
	}
	var principal struct{ Service json.RawMessage }
	if json.Unmarshal(s.Principal, &principal) != nil { // "*" alone
		return nil
	}
	for _, service := range texts(principal.Service) {
		if !strings.Contains(service, ".") {
			return malformed(fmt.Sprintf(`Invalid principal in policy: "SERVICE":"%s"`, service))
		}
	}
	return nil
}

func malformed(message string) error {
	return &types.MalformedPolicyDocumentException{Message: &message}
}
