package translate

import (
	"regexp"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// What the files name in AWS is in the alphabets of AWS: a * in the name of a secret would
// stand for all secrets in the policy that lets a task read it.
//
// Parameters: SSM API reference, PutParameter, Name. Secrets: Secrets Manager API reference,
// CreateSecret, Name. Keys: KMS developer guide, "Key identifiers (KeyId)".
var (
	parameterName = regexp.MustCompile(`^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$`)
	parameterArn  = regexp.MustCompile(`^arn:[a-z0-9-]+:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$`)
	// secretArn is what ECS takes for the value of a variable: a JSON key, a version stage
	// and a version id may follow (ECS API reference, ContainerSecret).
	secretArn = regexp.MustCompile(`^(arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+)(:[^:]*:[^:]*:[^:]*)?$`)
	keyArn    = regexp.MustCompile(`^arn:[a-z0-9-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`)
)

// noteElsewhere notes an ARN of another account or region than that of the plan.
func (b *base) noteElsewhere(path diag.Path, arn string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || !b.located() {
		return
	}
	if account := parts[4]; account != "" && account != b.facts.Account {
		b.notef(path, "let this account read it there, in the policy of the resource and of its key", "this is in account %s, and the plan is for account %s", account, b.facts.Account)
	}
	if region := parts[3]; region != "" && region != b.facts.Region {
		b.notef(path, "", "this is in region %s, and the plan is for %s", region, b.facts.Region)
	}
}

// wild are the characters that stand for others in a policy (IAM User Guide, "IAM JSON policy
// elements: Resource", "Variables and tags").
const wild = "*?"

// ownPatterns are the resources with such characters that this tool itself writes.
var ownPatterns = regexp.MustCompile(`^\*$|:log-group:[^*?]+:\*$|:(?:parameter|secret):?/?compose2fargate/[^*?]+/(?:\*|\?{8})(?:-\?{6})?$|:secret:[^*?]+-\?{6}$|:ecs:[^*?]+:\*$|:(?:task|cluster|service)/[^*?]+/\*$`)

// refuseWild refuses a resource of a policy that we write and that stands for more than the
// files name: a text from them has come into it.
func (b *base) refuseWild(path diag.Path, policy spec.InlinePolicy) {
	if strings.HasPrefix(policy.PolicyName, spec.UserPolicy) || b.ds.HasErrors() || len(b.refused) > 0 {
		return // its author means it, or the mistake is said already
	}
	for _, s := range policy.PolicyDocument.Statement {
		for _, r := range s.Resource {
			text := refText.ReplaceAllString(r.String(), "x")
			if strings.ContainsAny(text, wild) && !ownPatterns.MatchString(text) || strings.Contains(text, "${") {
				b.errorf(path, "name one resource, without * and ?", "a policy would allow %s on %s, of which a name in the files has a character that stands for others", strings.Join(s.Action, ", "), text)
			}
		}
	}
}

// refText is a value that is not known here.
var refText = regexp.MustCompile(`\$\{ref:[^}]*\}`)
