package translate

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// addGroup adds a security group to the stack. EC2 takes 255 characters of a
// description.
func (b *base) addGroup(
	address plan.Address, source diag.Pos, name, description string, in, out []spec.SecurityGroupRule,
) *plan.Resource {
	vpc := plan.Fact("vpc", "id", b.facts.VPC)
	return b.add(address, source, &spec.SecurityGroup{
		GroupName:   groupName(b.Name, name, description, vpc.String()),
		Description: description[:min(len(description), 255)],
		VpcID:       vpc,
		Ingress:     in,
		Egress:      out,
		Tags:        b.tags(),
	})
}

// groupName ends in a hash of what EC2 cannot change of a security group, so
// that a replacement is made beside the old one.
func groupName(project, group, description, vpc string) string {
	a := groupAlphabet
	a.max -= 7
	name := a.fit(project + "-" + group)
	if strings.HasPrefix(name, "sg-") { // EC2 keeps these to itself
		name = a.fit("project-" + project + "-" + group)
	}
	return name + "-" + digest(6, project, group, description, vpc)
}
