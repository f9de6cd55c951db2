package simulator

import (
	"encoding/base64"

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
	if text == nil && binary == nil {
		return
	}
	value := "b" + base64.StdEncoding.EncodeToString(binary)
	if text != nil {
		value = "s" + *text
	}
	a.keep(secretKey(arn, version), value)
}

// putSecretValue adds a version and makes it the current one. The same token with
// another value is an error, with the same one nothing (API reference,
// PutSecretValue, ClientRequestToken).
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
		if old, err := a.kept(secretKey(*s.ARN, version)); err == nil && old != "s"+str(in.SecretString) {
			return nil, &types.ResourceExistsException{Message: ptr("You can't modify an existing version of a secret.")}
		}
	} else {
		s.addVersion(version)
		s.LastChangedDate = a.now()
		a.keepSecret(*s.ARN, version, in.SecretString, in.SecretBinary)
	}
	return &secretsmanager.PutSecretValueOutput{ARN: s.ARN, Name: s.Name, VersionId: &version, VersionStages: s.Versions[version]}, nil
}

// addVersion makes a version the current one, the current one the one before, and
// drops what has no stage.
func (s *Secret) addVersion(version string) {
	next := map[string][]string{version: {current}}
	for id, stages := range s.Versions {
		if len(stages) > 0 && stages[0] == current {
			next[id] = []string{previous}
		}
	}
	s.Versions = next
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
		if id != nil && version == *id || id == nil && len(stages) > 0 && stages[0] == stage {
			return version
		}
	}
	return ""
}
