package translate

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// noteAccessKeys names the services that have keys of AWS in their environment: the role
// of a task gives its programs credentials, which nobody has to keep or to change (IAM
// user guide, "Security best practices in IAM", temporary credentials with roles).
func noteAccessKeys(b *base) {
	var names []string
	for _, name := range b.Compose.ServiceNames() {
		s := b.Compose.Services[name]
		if id := s.Environment["AWS_ACCESS_KEY_ID"]; id != nil && *id != "" && b.taskOf[name] != nil && !asksElsewhere(s.Environment) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	path := at(names[0], "environment", "AWS_ACCESS_KEY_ID")
	b.ds.Notef(b.variablePos(names[0], "AWS_ACCESS_KEY_ID"), compose.Dotted(path),
		"leave AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY out, and write x-fargate: {policies: [ARN]} with what the service may do",
		"tasks need no keys of AWS: a role gives them credentials; these have some: %s", compose.Quoted(names))
}

// asksElsewhere says whether keys are for a server that only speaks as AWS does, such as
// MinIO.
func asksElsewhere(environment map[string]*string) bool {
	for name, value := range environment {
		if strings.Contains(strings.ToUpper(name), "ENDPOINT") && value != nil && *value != "" && !strings.Contains(*value, "amazonaws.com") {
			return true
		}
	}
	return false
}
