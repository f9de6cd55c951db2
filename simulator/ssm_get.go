package simulator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func ssmReads() []operation {
	return []operation{read(getParameter), read(getParameters), read(getParametersByPath)}
}

// parameterByName finds a parameter by its name or ARN.
func (a *Account) parameterByName(name string) *types.ParameterMetadata {
	if p := a.parameters().Get(name); p != nil {
		return p
	}
	if _, resource := arnParts(name); resource != "" {
		bare := trimType(resource, "parameter")
		return orNil(a.parameters().Get("/"+bare), a.parameters().Get(bare))
	}
	return nil
}

// parameterValue is a parameter with its value; one of SecureString looks
// encrypted unless it is to be decrypted.
func (a *Account) parameterValue(p *types.ParameterMetadata, decrypt *bool) (*types.Parameter, error) {
	value, err := a.kept(*p.ARN)
	if err != nil {
		return nil, err
	}
	if p.Type == types.ParameterTypeSecureString && !val(decrypt) {
		value = "AQICAH" + digest("ciphertext", *p.ARN, value)
	}
	return &types.Parameter{
		ARN: p.ARN, Name: p.Name, Type: p.Type, Value: &value, Version: p.Version, DataType: p.DataType, LastModifiedDate: p.LastModifiedDate,
	}, nil
}

func getParameter(a *Account, in *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
	p := a.parameterByName(str(in.Name))
	if p == nil {
		return nil, &types.ParameterNotFound{}
	}
	found, err := a.parameterValue(p, in.WithDecryption)
	return &ssm.GetParameterOutput{Parameter: found}, err
}

// getParameters lists what it does not find (API reference: at most 10 names).
func getParameters(a *Account, in *ssm.GetParametersInput) (*ssm.GetParametersOutput, error) {
	if len(in.Names) < 1 || len(in.Names) > 10 {
		return nil, ssmInvalid("1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and 10")
	}
	out := &ssm.GetParametersOutput{Parameters: []types.Parameter{}, InvalidParameters: []string{}}
	for _, name := range in.Names {
		p := a.parameterByName(name)
		if p == nil {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		found, err := a.parameterValue(p, in.WithDecryption)
		if err != nil {
			return nil, err
		}
		out.Parameters = append(out.Parameters, *found)
	}
	return out, nil
}

// getParametersByPath answers at most 10 in a page (API reference, MaxResults).
func getParametersByPath(a *Account, in *ssm.GetParametersByPathInput) (*ssm.GetParametersByPathOutput, error) {
	switch {
	case !strings.HasPrefix(str(in.Path), "/"):
		return nil, ssmInvalid("The parameter path must begin with a slash: %q", str(in.Path))
	case in.MaxResults != nil && (*in.MaxResults < 1 || *in.MaxResults > 10):
		return nil, ssmInvalid("1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: "+
			"Member must have value less than or equal to 10", *in.MaxResults)
	case len(in.ParameterFilters) > 0:
		return nil, ssmInvalid("The simulator knows no filters of GetParametersByPath.")
	}
	var all []types.Parameter
	for name, p := range a.parameters().All() {
		below, under := strings.CutPrefix(name, strings.TrimSuffix(*in.Path, "/")+"/")
		if !under || strings.Contains(below, "/") && !val(in.Recursive) {
			continue
		}
		found, err := a.parameterValue(p, in.WithDecryption)
		if err != nil {
			return nil, err
		}
		all = append(all, *found)
	}
	list, next, err := page(a, all, in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, &types.InvalidNextToken{Message: ptr("The specified token is not valid.")}
	}
	return &ssm.GetParametersByPathOutput{Parameters: filled(list), NextToken: next}, nil
}
