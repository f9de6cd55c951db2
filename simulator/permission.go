package simulator

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// Caller is who calls, for [Options].
type Caller struct {
	ARN      string   // arn:aws:iam::123456789012:role/deploy; empty: the user simulator
	Policies []string // identity policies as JSON; none of them: everything is allowed
}

// policiesOf reads the policies of a caller. It refuses what IAM would, and
// operators of conditions that the simulator does not know.
func policiesOf(c Caller) ([]policy, error) {
	var list []policy
	for i, document := range c.Policies {
		if err := checkPolicy(document, false); err != nil {
			return nil, fmt.Errorf("policy %d of the caller: %w", i+1, err)
		}
		var p policy
		if err := json.Unmarshal([]byte(document), &p); err != nil {
			return nil, fmt.Errorf("policy %d of the caller: %w", i+1, err)
		}
		for _, s := range p.Statement {
			for operator := range s.Condition {
				if !knownOperator(operator) {
					return nil, fmt.Errorf("policy %d of the caller: the simulator does not know the condition operator %s", i+1, operator)
				}
			}
		}
		list = append(list, p)
	}
	return list, nil
}

func knownOperator(operator string) bool {
	operator = strings.TrimPrefix(strings.TrimPrefix(operator, "ForAllValues:"), "ForAnyValue:")
	name, _ := positive(strings.TrimSuffix(operator, "IfExists"))
	return name == "Null" || operators[name] != nil
}

// authorize refuses a call that the caller's policies do not allow, with the words
// of AWS (IAM User Guide, "Troubleshoot access denied error messages").
func (s *Simulator) authorize(a *Account, op operation, input any) error {
	if len(s.policies) == 0 {
		return nil
	}
	for _, q := range a.questions(op, input) {
		v := silent
		for _, p := range s.policies {
			v = v.and(p.evaluate(q, anyStatement))
		}
		if v != allowed {
			return deny(op.service, a.callerARN(), q, v)
		}
		s.note(q)
	}
	return nil
}

// Grant is a permission that calls needed and had.
type Grant struct {
	Action   string
	Resource string   // of the first of these calls
	Sids     []string // of all statements that allow it, each of which would do
}

// note keeps which statements allowed a question.
func (s *Simulator) note(q question) {
	g := Grant{Action: q.action, Resource: q.resource}
	for _, p := range s.policies {
		for _, st := range p.Statement {
			if st.Effect == "Allow" && st.covers(q.action, q.resource) && st.met(q.context) {
				g.Sids = append(g.Sids, st.Sid)
			}
		}
	}
	slices.Sort(g.Sids)
	key := q.action + " " + strings.Join(g.Sids, " ")
	if _, known := s.grants[key]; !known {
		s.grants[key] = g
	}
}

// Grants are the permissions that calls of the present caller needed, one for each action
// and the statements that allow it, sorted. Without policies there are none.
func (s *Simulator) Grants() []Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Grant
	for _, key := range sortedKeys(s.grants) {
		out = append(out, s.grants[key])
	}
	return out
}

// As has somebody else call from now on.
func (s *Simulator) As(c Caller) error {
	policies, err := policiesOf(c)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policies, s.account.Caller, s.grants = policies, c, map[string]Grant{}
	return nil
}

func deny(service, who string, q question, v verdict) error {
	because := "because no identity-based policy allows the " + q.action + " action"
	if v == denied {
		because = "with an explicit deny in an identity-based policy"
	}
	message := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", who, q.action, q.resource, because)
	code := "AccessDeniedException"
	switch service {
	case "ec2": // EC2 API reference, "Error codes"
		code, message = "UnauthorizedOperation", "You are not authorized to perform this operation. "+message
	case "iam", "elbv2", "route53", "cloudwatch", "sts": // "Common errors" of their API references
		code = "AccessDenied"
	}
	return &smithy.GenericAPIError{Code: code, Message: message, Fault: smithy.FaultClient}
}

// actionPrefixes are the names of services in actions where they are not those in
// Call.Service (Service Authorization Reference).
var actionPrefixes = map[string]string{
	"autoscaling": "application-autoscaling", "efs": "elasticfilesystem", "elbv2": "elasticloadbalancing", "tagging": "tag",
}

// questions are what must be allowed for a call: its action on each of its
// resources, then what it does besides: it tags, it passes roles.
func (a *Account) questions(op operation, input any) []question {
	in := reflect.Indirect(reflect.ValueOf(input))
	row, known := permitted[op.service+"."+op.name]
	if !known {
		return []question{{action: "simulator:" + op.name, resource: "*", context: map[string][]string{}}}
	}
	if row == nil { // allowed to everybody
		return nil
	}
	prefix := op.service
	if other := actionPrefixes[op.service]; other != "" {
		prefix = other
	}
	tags := requestTags(in)
	var list []question
	for _, resource := range row(a, in) {
		list = append(list, question{prefix + ":" + op.name, resource, a.context(prefix, resource, in, tags)})
	}
	list = append(list, a.tagsAtBirth(op, prefix, in, tags)...)
	list = append(list, a.besides(op, in)...)
	return append(list, a.passedRoles(in)...)
}

// creates tells whether tags in a call are those of a new object, for which the
// tagging action must be allowed too.
func creates(operation string) bool {
	return slices.ContainsFunc([]string{"Create", "Register", "Run", "Put", "Request"}, func(verb string) bool {
		return strings.HasPrefix(operation, verb)
	})
}

// taggingActions are what a call that makes something with tags needs besides (the
// guides of the services, "Grant permission to tag resources during creation").
var taggingActions = map[string]string{
	"acm":              "acm:AddTagsToCertificate",
	"autoscaling":      "application-autoscaling:TagResource",
	"cloudwatch":       "cloudwatch:TagResource",
	"ec2":              "ec2:CreateTags",
	"ecr":              "ecr:TagResource",
	"ecs":              "ecs:TagResource",
	"efs":              "elasticfilesystem:TagResource",
	"elbv2":            "elasticloadbalancing:AddTags",
	"iam":              "iam:TagRole",
	"logs":             "logs:TagResource",
	"scheduler":        "scheduler:TagResource",
	"secretsmanager":   "secretsmanager:TagResource",
	"servicediscovery": "servicediscovery:TagResource",
	"ssm":              "ssm:AddTagsToResource",
}

// requestTags are the tags in an input, whatever the service calls their types.
func requestTags(in reflect.Value) map[string]string {
	tags := map[string]string{}
	for _, name := range []string{"Tags", "TagSpecifications", "AddTags"} {
		if field := in.FieldByName(name); field.IsValid() {
			collectTags(field, tags)
		}
	}
	return tags
}

func collectTags(v reflect.Value, tags map[string]string) {
	switch v.Kind() {
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			tags[entries.Key().String()] = entries.Value().String()
		}
	case reflect.Slice:
		for i := range v.Len() {
			item := v.Index(i)
			if item.Kind() != reflect.Struct {
				return
			}
			if nested := item.FieldByName("Tags"); nested.IsValid() {
				collectTags(nested, tags)
			} else if key := textOf(item, "Key"); key != "" {
				tags[key] = textOf(item, "Value")
			}
		}
	}
}

// textOf is a field of text, "" where there is none.
func textOf(v reflect.Value, name string) string {
	field := v.FieldByName(name)
	if !field.IsValid() {
		return ""
	}
	field = reflect.Indirect(field)
	if field.Kind() != reflect.String {
		return ""
	}
	return field.String()
}

// context has the condition keys of a call: the global ones on tags, region and
// principal, their older names of the services, and the cluster.
func (a *Account) context(prefix, resource string, in reflect.Value, tags map[string]string) map[string][]string {
	context := map[string][]string{
		"aws:PrincipalArn": {a.callerARN()}, "aws:PrincipalAccount": {a.Account}, "aws:RequestedRegion": {a.Region}, "aws:SecureTransport": {"true"},
	}
	for key, value := range tags {
		context["aws:RequestTag/"+key] = []string{value}
		context["aws:TagKeys"] = append(context["aws:TagKeys"], key)
	}
	if field := in.FieldByName("TagKeys"); field.IsValid() && field.Kind() == reflect.Slice {
		for i := range field.Len() {
			if key := reflect.Indirect(field.Index(i)); key.Kind() == reflect.String {
				context["aws:TagKeys"] = append(context["aws:TagKeys"], key.String())
			}
		}
	}
	for key, value := range a.tagsOf(resource) {
		context["aws:ResourceTag/"+key], context[prefix+":ResourceTag/"+key] = []string{value}, []string{value}
	}
	if prefix == "iam" {
		a.boundaryContext(context, in)
	}
	if field := in.FieldByName("ChangeBatch"); prefix == "route53" && field.IsValid() {
		recordContext(context, field.Interface())
	}
	if prefix == "ecs" && in.FieldByName("Cluster").IsValid() {
		context["ecs:cluster"] = []string{a.arn("ecs", "cluster/"+short(textOf(in, "Cluster"), "default"))}
	}
	return context
}

// passedRoles are the roles that a call hands to a service: task definitions to
// tasks (ECS Developer Guide, "IAM PassRole"), schedules to the scheduler.
func (a *Account) passedRoles(in reflect.Value) []question {
	roles := map[string]string{}
	for _, name := range []string{"ExecutionRoleArn", "TaskRoleArn"} {
		if arn := textOf(in, name); arn != "" {
			roles[arn] = "ecs-tasks.amazonaws.com"
		}
	}
	if target := in.FieldByName("Target"); target.IsValid() && !target.IsZero() && reflect.Indirect(target).Kind() == reflect.Struct {
		if arn := textOf(reflect.Indirect(target), "RoleArn"); arn != "" {
			roles[arn] = "scheduler.amazonaws.com"
		}
	}
	var list []question
	for _, arn := range sortedKeys(roles) {
		context := a.context("iam", arn, in, nil)
		context["iam:PassedToService"] = []string{roles[arn]}
		list = append(list, question{action: "iam:PassRole", resource: arn, context: context})
	}
	return list
}
