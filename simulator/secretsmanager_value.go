package simulator

import (
	"encoding/base64"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// The stages of a version (Secrets Manager User Guide, "Secret versions").
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// secretKey is under which the value of a version is kept.
func secretKey(arn, version string) string { return arn + "#" + version }

func (a *Account) keepSecret(arn, version string, text *string, binary []byte) {
	if text != nil || binary != nil {
		a.keep(secretKey(arn, version), secretText(text, binary))
	}
}

// secretText is a value as it is kept: with a letter for its kind before it.
func secretText(text *string, binary []byte) string {
	if text != nil {
		return "s" + *text
	}
	return "b" + base64.StdEncoding.EncodeToString(binary)
}

// sameValue tells whether a version has that value, as far as this process knows.
func (a *Account) sameValue(arn, version string, text *string, binary []byte) bool {
	old, err := a.kept(secretKey(arn, version))
	return err != nil || old == secretText(text, binary)
}

// putSecretValue adds a version, and makes it the current one unless it is to have
// other stages. The same token with another value is an error, with the same one
// nothing (API reference, PutSecretValue, ClientRequestToken and VersionStages).
func putSecretValue(a *Account, in *secretsmanager.PutSecretValueInput) (*secretsmanager.PutSecretValueOutput, error) {
	s, err := a.liveSecret(in.SecretId)
	if err != nil {
		return nil, err
	}
	size := len(str(in.SecretString)) + len(in.SecretBinary)
	switch {
	case (in.SecretString == nil) == (in.SecretBinary == nil):
		return nil, secretsInvalid("You must provide either SecretString or SecretBinary.")
	case size == 0 || size > 65536:
		return nil, secretsInvalid("The secret value is %d bytes; 1 to 65536 are allowed.", size)
	}
	version := str(in.ClientRequestToken)
	s = a.Secrets.Edit(*s.ARN)
	if _, known := s.Versions[version]; known {
		if !a.sameValue(*s.ARN, version, in.SecretString, in.SecretBinary) {
			return nil, &types.ResourceExistsException{Message: ptr("You can't modify an existing version of a secret.")}
		}
	} else {
		s.addVersion(version, in.VersionStages)
		s.LastChangedDate = a.now()
		a.keepSecret(*s.ARN, version, in.SecretString, in.SecretBinary)
	}
	return &secretsmanager.PutSecretValueOutput{ARN: s.ARN, Name: s.Name, VersionId: &version, VersionStages: s.Versions[version]}, nil
}

// addVersion adds a version with its stages, by default that of the current one.
// The first one is that in any case ("If this operation creates the first version
// for the secret, then Secrets Manager automatically attaches the staging label
// AWSCURRENT to it", API reference, PutSecretValue).
func (s *Secret) addVersion(version string, stages []string) {
	if len(stages) == 0 || len(s.Versions) == 0 && !slices.Contains(stages, current) {
		stages = append(slices.Clone(stages), current)
	}
	if s.Versions == nil {
		s.Versions = map[string][]string{}
	}
	for _, stage := range stages {
		if old := s.moveStage(stage, version); stage == current && old != "" {
			s.moveStage(previous, old)
		}
	}
}

// moveStage takes a stage from the version that has it, whose id it returns. One
// that is left without any can still be read by its id, but is not listed.
func (s *Secret) moveStage(stage, to string) (from string) {
	for id, stages := range s.Versions {
		if at := slices.Index(stages, stage); at >= 0 {
			from, s.Versions[id] = id, slices.Delete(slices.Clone(stages), at, at+1)
		}
	}
	s.Versions[to] = append(slices.Clone(s.Versions[to]), stage)
	return from
}

// staged are the versions that have stages: "Versions that don't have staging labels
// are considered deprecated" and are not shown (API reference, DescribeSecret).
func (s *Secret) staged() map[string][]string {
	staged := map[string][]string{}
	for id, stages := range s.Versions {
		if len(stages) > 0 {
			staged[id] = slices.Clone(stages)
		}
	}
	return staged
}

func getSecretValue(a *Account, in *secretsmanager.GetSecretValueInput) (*secretsmanager.GetSecretValueOutput, error) {
	s, err := a.liveSecret(in.SecretId)
	if err != nil {
		return nil, err
	}
	version := s.version(in.VersionId, str(orElse(in.VersionStage, current)))
	if version == "" {
		return nil, &types.ResourceNotFoundException{
			Message: ptr("Secrets Manager can't find the specified secret value for staging label: " + str(orElse(in.VersionStage, current))),
		}
	}
	value, err := a.kept(secretKey(*s.ARN, version))
	if err != nil {
		return nil, err
	}
	out := &secretsmanager.GetSecretValueOutput{
		ARN: s.ARN, Name: s.Name, VersionId: &version, VersionStages: s.Versions[version], CreatedDate: s.LastChangedDate,
	}
	if value[0] == 's' {
		out.SecretString = ptr(value[1:])
	} else {
		out.SecretBinary, _ = base64.StdEncoding.DecodeString(value[1:])
	}
	return out, nil
}

// version finds a version by its id, or by its stage; "" for none.
func (s *Secret) version(id *string, stage string) string {
	for version, stages := range s.Versions {
		if id != nil && version == *id || id == nil && slices.Contains(stages, stage) {
			return version
		}
	}
	return ""
}
