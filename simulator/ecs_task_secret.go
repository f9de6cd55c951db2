package simulator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// secretProblem wants the secrets of a task, and the credentials of its registries,
// to be there and the execution role to read them. It knows those of its own account
// and region; others are there.
func secretProblem(a *Account, td *types.TaskDefinition, _ types.AwsVpcConfiguration) *startFailure {
	for _, c := range td.ContainerDefinitions {
		for _, s := range c.Secrets {
			if failure := a.secretFailure(td, *s.ValueFrom); failure != nil {
				return failure
			}
		}
		if c.RepositoryCredentials == nil {
			continue
		}
		if failure := a.secretFailure(td, str(c.RepositoryCredentials.CredentialsParameter)); failure != nil {
			return failure
		}
	}
	return nil
}

// secretFailure is about one valueFrom: the ARN of a secret, which a JSON key and
// a version may follow, or the ARN or the name of a parameter (ContainerDefinition,
// Secret, valueFrom).
func (a *Account) secretFailure(td *types.TaskDefinition, from string) *startFailure {
	if arnService(from) == "secretsmanager" {
		parts := strings.Split(from, ":")
		arn := strings.Join(parts[:min(7, len(parts))], ":")
		if denied := a.denied(td, "secretsmanager:GetSecretValue", arn); denied != nil {
			return denied
		}
		if s := a.secret(&arn); a.isHere(arn) && (s == nil || s.DeletedDate != nil) {
			return cannotStart("ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: "+
				"failed to fetch secret %s from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.", arn)
		}
		return nil
	}
	arn := from
	if arnService(from) == "" {
		arn = a.parameterARN(from)
	}
	if denied := a.denied(td, "ssm:GetParameters", arn); denied != nil {
		return denied
	}
	if a.isHere(arn) && !a.hasParameter(arn) {
		return cannotStart("ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets from ssm: "+
			"invalid ssm parameters: %s", from)
	}
	return nil
}

// isHere says whether an ARN is of this account and region.
func (a *Account) isHere(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[3] == a.Region && parts[4] == a.Account
}

func (a *Account) hasParameter(arn string) bool {
	_, resource := arnParts(arn)
	name := trimType(resource, "parameter")
	for _, name := range []string{name, "/" + name} { // the ARN of /shop/key has one slash there, as that of key would
		if a.parameters().Get(name) != nil && a.parameterARN(name) == arn {
			return true
		}
	}
	return false
}
