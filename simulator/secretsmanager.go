package simulator

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

type secretsState struct {
	Secrets Table[Secret] `state:"secretsmanager.secrets"` // by ARN
}

// Secret is a secret without its value, which the state file must not have.
type Secret struct {
	types.SecretListEntry                     // without tags
	Token                 string              // of the call that made it
	Versions              map[string][]string // the stages of each version
	Window                int64               // days from DeletedDate until it is gone; 0 means 30
}

// end is when the recovery window of a deleted secret is over, on the clock: "At the
// end of the recovery window, Secrets Manager deletes the secret permanently" (API
// reference, DeleteSecret). 0 for one that is not deleted.
func (s *Secret) end() int64 {
	return since(s.DeletedDate, time.Duration(cmp.Or(s.Window, defaultWindow))*day)
}

// defaultWindow is the recovery window in days (API reference, DeleteSecret).
const defaultWindow = 30

func secretsOperations() []operation {
	return []operation{
		write(createSecret),
		write(putSecretValue),
		read(getSecretValue),
		read(describeSecret),
		read(listSecrets),
		write(updateSecret),
		write(deleteSecret),
		write(restoreSecret),
		write(tagSecret),
		write(untagSecret),
	}
}

// secretName is what CreateSecret takes (API reference, Name).
var secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)

func secretsInvalid(format string, args ...any) error {
	return &types.InvalidParameterException{Message: ptr(fmt.Sprintf(format, args...))}
}

func secretTags(list []types.Tag) (map[string]string, error) {
	tags, twice := tagMap(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if twice != "" {
		return nil, secretsInvalid("The tag key %s is given twice.", twice)
	}
	return tags, nil
}

// secret finds a secret by its ARN, with or without the six characters at its end
// (Secrets Manager User Guide, "Finding secrets from a partial ARN"), or by its
// name; nil for none.
func (a *Account) secret(id *string) *Secret {
	if s := a.Secrets.Get(str(id)); s != nil {
		return s
	}
	name := str(id)
	if service, resource := arnParts(name); service == "secretsmanager" {
		name = strings.TrimPrefix(resource, "secret:")
	}
	for _, s := range a.secrets.Of(name) {
		return s
	}
	return nil
}

func (a *Account) knownSecret(id *string) (*Secret, error) {
	if s := a.secret(id); s != nil {
		return s, nil
	}
	return nil, &types.ResourceNotFoundException{Message: ptr("Secrets Manager can't find the specified secret.")}
}

// liveSecret is one that is not scheduled for deletion.
func (a *Account) liveSecret(id *string) (*Secret, error) {
	s, err := a.knownSecret(id)
	if err == nil && s.DeletedDate != nil {
		return nil, &types.InvalidRequestException{Message: ptr("You can't perform this operation on the secret because it was marked for deletion.")}
	}
	return s, err
}

func createSecret(a *Account, in *secretsmanager.CreateSecretInput) (*secretsmanager.CreateSecretOutput, error) {
	tags, err := secretTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := a.checkSecret(in, tags); err != nil {
		return nil, err
	}
	if old := a.secret(in.Name); old != nil {
		return a.sameSecret(old, in)
	}
	// The six characters are the service's choice (API reference, CreateSecret, ARN).
	arn := a.arn("secretsmanager", "secret:"+*in.Name+"-"+a.id("secret", *in.Name)[:6])
	s := a.Secrets.Put(arn, Secret{Token: str(in.ClientRequestToken), SecretListEntry: types.SecretListEntry{
		ARN: &arn, Name: in.Name, Description: in.Description, KmsKeyId: in.KmsKeyId, CreatedDate: a.now(), LastChangedDate: a.now(),
	}})
	a.bear(arn, tags)
	if in.SecretString == nil && in.SecretBinary == nil { // no version then
		return &secretsmanager.CreateSecretOutput{ARN: &arn, Name: in.Name}, nil
	}
	s.addVersion(str(in.ClientRequestToken), nil)
	a.keepSecret(arn, str(in.ClientRequestToken), in.SecretString, in.SecretBinary)
	return &secretsmanager.CreateSecretOutput{ARN: &arn, Name: in.Name, VersionId: in.ClientRequestToken}, nil
}

func (a *Account) checkSecret(in *secretsmanager.CreateSecretInput, tags map[string]string) error {
	size := len(str(in.SecretString)) + len(in.SecretBinary)
	switch {
	case !secretName.MatchString(*in.Name):
		return &types.InvalidParameterException{Message: ptr("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")}
	case in.SecretString != nil && in.SecretBinary != nil:
		return secretsInvalid("You can't specify both a binary secret value and a string secret value in the same secret.")
	case in.SecretString != nil && *in.SecretString == "":
		return secretsInvalid("You must provide either SecretString or SecretBinary.")
	case size > 65536:
		return secretsInvalid("The secret value is %d bytes, the limit is 65536.", size)
	}
	if problem := tagProblem(nil, tags); problem != "" {
		return secretsInvalid("%s", problem)
	}
	return nil
}

// sameSecret answers a call that is repeated with its token as the first time: with
// another value it "fails because you can't modify an existing version" (API
// reference, CreateSecret, ClientRequestToken).
func (a *Account) sameSecret(old *Secret, in *secretsmanager.CreateSecretInput) (*secretsmanager.CreateSecretOutput, error) {
	token := str(in.ClientRequestToken)
	_, versioned := old.Versions[token]
	switch {
	case old.DeletedDate != nil:
		return nil, &types.InvalidRequestException{Message: ptr("You can't create this secret because a secret with this name is already scheduled for deletion.")}
	case token == "" || token != old.Token:
		return nil, &types.ResourceExistsException{Message: ptr("The operation failed because the secret " + *old.Name + " already exists.")}
	case !versioned:
		return &secretsmanager.CreateSecretOutput{ARN: old.ARN, Name: old.Name}, nil
	case !a.sameValue(*old.ARN, token, in.SecretString, in.SecretBinary):
		return nil, &types.ResourceExistsException{Message: ptr("You can't modify an existing version of a secret.")}
	}
	return &secretsmanager.CreateSecretOutput{ARN: old.ARN, Name: old.Name, VersionId: &token}, nil
}

func secretTagList(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func describeSecret(a *Account, in *secretsmanager.DescribeSecretInput) (*secretsmanager.DescribeSecretOutput, error) {
	s, err := a.knownSecret(in.SecretId)
	if err != nil {
		return nil, err
	}
	return &secretsmanager.DescribeSecretOutput{
		ARN: s.ARN, Name: s.Name, Description: s.Description, KmsKeyId: s.KmsKeyId, CreatedDate: s.CreatedDate,
		LastChangedDate: s.LastChangedDate, DeletedDate: s.DeletedDate, Tags: secretTagList(a.tagsOf(*s.ARN)),
		VersionIdsToStages: s.staged(),
	}, nil
}

func listSecrets(a *Account, in *secretsmanager.ListSecretsInput) (*secretsmanager.ListSecretsOutput, error) {
	var all []types.SecretListEntry
	for _, s := range a.Secrets.All() {
		if s.DeletedDate != nil && !val(in.IncludePlannedDeletion) {
			continue
		}
		keep := true
		for _, f := range in.Filters {
			matches, err := a.secretMatches(s, f)
			if err != nil {
				return nil, err
			}
			keep = keep && matches
		}
		if keep {
			listed := s.SecretListEntry
			listed.Tags, listed.SecretVersionsToStages = secretTagList(a.tagsOf(*s.ARN)), s.staged()
			all = append(all, listed)
		}
	}
	list, next, err := page(a, all, func(s types.SecretListEntry) string { return *s.ARN }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, &types.InvalidNextTokenException{Message: ptr("The NextToken value is invalid.")}
	}
	return &secretsmanager.ListSecretsOutput{SecretList: list, NextToken: next}, nil
}

// secretMatches knows the filters name, which is a prefix, tag-key and tag-value
// (API reference, Filter).
func (a *Account) secretMatches(s *Secret, f types.Filter) (bool, error) {
	begins := func(texts []string) bool {
		return slices.ContainsFunc(f.Values, func(v string) bool {
			return slices.ContainsFunc(texts, func(text string) bool { return strings.HasPrefix(text, v) })
		})
	}
	tags := a.tagsOf(*s.ARN)
	var values []string
	for _, key := range sortedKeys(tags) {
		values = append(values, tags[key])
	}
	switch f.Key {
	case types.FilterNameStringTypeName:
		return begins([]string{*s.Name}), nil
	case types.FilterNameStringTypeTagKey:
		return begins(sortedKeys(tags)), nil
	case types.FilterNameStringTypeTagValue:
		return begins(values), nil
	default:
		return false, secretsInvalid("The simulator does not know the filter %s.", f.Key)
	}
}

func updateSecret(a *Account, in *secretsmanager.UpdateSecretInput) (*secretsmanager.UpdateSecretOutput, error) {
	s, err := a.liveSecret(in.SecretId)
	if err != nil {
		return nil, err
	}
	s = a.Secrets.Edit(*s.ARN)
	s.Description = orElse(in.Description, str(s.Description))
	if in.KmsKeyId != nil {
		s.KmsKeyId = in.KmsKeyId
	}
	s.LastChangedDate = a.now()
	if in.SecretString == nil && in.SecretBinary == nil {
		return &secretsmanager.UpdateSecretOutput{ARN: s.ARN, Name: s.Name}, nil
	}
	s.addVersion(str(in.ClientRequestToken), nil)
	a.keepSecret(*s.ARN, str(in.ClientRequestToken), in.SecretString, in.SecretBinary)
	return &secretsmanager.UpdateSecretOutput{ARN: s.ARN, Name: s.Name, VersionId: in.ClientRequestToken}, nil
}

func deleteSecret(a *Account, in *secretsmanager.DeleteSecretInput) (*secretsmanager.DeleteSecretOutput, error) {
	force, window := val(in.ForceDeleteWithoutRecovery), in.RecoveryWindowInDays
	switch {
	case force && window != nil:
		return nil, secretsInvalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
	case window != nil && (*window < 7 || *window > 30):
		return nil, secretsInvalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
	}
	s, err := a.knownSecret(in.SecretId)
	if err != nil && force { // "the operation does not return ResourceNotFoundException" (API reference, DeleteSecret)
		return &secretsmanager.DeleteSecretOutput{Name: in.SecretId, DeletionDate: a.now()}, nil
	}
	if err != nil {
		return nil, err
	}
	out := &secretsmanager.DeleteSecretOutput{ARN: s.ARN, Name: s.Name, DeletionDate: a.now()}
	if force {
		a.dropSecret(*s.ARN)
		return out, nil
	}
	if s.DeletedDate != nil {
		return nil, &types.InvalidRequestException{Message: ptr("The secret is already marked for deletion.")}
	}
	s = a.Secrets.Edit(*s.ARN)
	s.DeletedDate, s.Window = a.now(), *orElse(window, defaultWindow)
	out.DeletionDate = ptr(a.now().Add(time.Duration(s.Window) * day))
	return out, nil
}

// dropSecret removes a secret for good, and its values.
func (a *Account) dropSecret(arn string) {
	for version := range a.Secrets.Get(arn).Versions {
		delete(a.values, secretKey(arn, version))
	}
	a.Tags.Delete(arn)
	a.Secrets.Delete(arn)
}

func restoreSecret(a *Account, in *secretsmanager.RestoreSecretInput) (*secretsmanager.RestoreSecretOutput, error) {
	s, err := a.knownSecret(in.SecretId)
	if err != nil {
		return nil, err
	}
	s = a.Secrets.Edit(*s.ARN)
	s.DeletedDate, s.Window = nil, 0
	return &secretsmanager.RestoreSecretOutput{ARN: s.ARN, Name: s.Name}, nil
}

func tagSecret(a *Account, in *secretsmanager.TagResourceInput) (*secretsmanager.TagResourceOutput, error) {
	s, err := a.liveSecret(in.SecretId)
	if err != nil {
		return nil, err
	}
	tags, err := secretTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if problem := tagProblem(a.tagsOf(*s.ARN), tags); problem != "" {
		return nil, secretsInvalid("%s", problem)
	}
	a.tag(*s.ARN, tags)
	return &secretsmanager.TagResourceOutput{}, nil
}

func untagSecret(a *Account, in *secretsmanager.UntagResourceInput) (*secretsmanager.UntagResourceOutput, error) {
	s, err := a.liveSecret(in.SecretId)
	if err != nil {
		return nil, err
	}
	a.untag(*s.ARN, in.TagKeys)
	return &secretsmanager.UntagResourceOutput{}, nil
}
