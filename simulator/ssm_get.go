package simulator

import (
	"strconv"
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

// versionKey is under which the value of a version is kept.
func versionKey(arn string, version int64) string { return arn + ":" + strconv.FormatInt(version, 10) }

// parameterValue is the parameter of that name with its value; one of SecureString
// looks encrypted unless it is to be decrypted. The name may end with a version: "To
// query by parameter version, use "Name": "name:version"" (API reference,
// GetParameter). There are no labels.
func (a *Account) parameterValue(name string, decrypt *bool) (*types.Parameter, error) {
	p, selector := a.parameterByName(name), (*string)(nil)
	if p == nil {
		colon := strings.LastIndex(name, ":")
		if colon < 0 || a.parameterByName(name[:colon]) == nil {
			return nil, &types.ParameterNotFound{}
		}
		p, selector = a.parameterByName(name[:colon]), ptr(name[colon:])
	}
	key, version := *p.ARN, p.Version
	if selector != nil {
		asked, err := strconv.ParseInt((*selector)[1:], 10, 64)
		if err != nil || asked < 1 || asked > p.Version {
			return nil, &types.ParameterVersionNotFound{Message: ptr("Systems Manager could not find version " + *selector + " of " + *p.Name + ".")}
		}
		key, version = versionKey(*p.ARN, asked), asked
	}
	value, err := a.kept(key)
	if err != nil {
		return nil, err
	}
	if p.Type == types.ParameterTypeSecureString && !val(decrypt) {
		value = "AQICAH" + digest("ciphertext", *p.ARN, value)
	}
	return &types.Parameter{
		ARN: p.ARN, Name: p.Name, Type: p.Type, Value: &value, Version: version, Selector: selector,
		DataType: p.DataType, LastModifiedDate: p.LastModifiedDate,
	}, nil
}

func getParameter(a *Account, in *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
	found, err := a.parameterValue(str(in.Name), in.WithDecryption)
	if err != nil {
		return nil, err
	}
	return &ssm.GetParameterOutput{Parameter: found}, nil
}

// getParameters lists what it does not find (API reference: at most 10 names).
func getParameters(a *Account, in *ssm.GetParametersInput) (*ssm.GetParametersOutput, error) {
	if len(in.Names) < 1 || len(in.Names) > 10 {
		return nil, ssmInvalid("1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and 10")
	}
	out := &ssm.GetParametersOutput{Parameters: []types.Parameter{}, InvalidParameters: []string{}}
	for _, name := range in.Names {
		found, err := a.parameterValue(name, in.WithDecryption)
		switch code := errorCode(err); {
		case err == nil:
			out.Parameters = append(out.Parameters, *found)
		case code == "ParameterNotFound" || code == "ParameterVersionNotFound":
			out.InvalidParameters = append(out.InvalidParameters, name)
		default:
			return nil, err
		}
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
	}
	var all []types.Parameter
	for name, p := range a.parameters().All() {
		below, under := strings.CutPrefix(name, strings.TrimSuffix(*in.Path, "/")+"/")
		if !under || strings.Contains(below, "/") && !val(in.Recursive) {
			continue
		}
		matches, err := a.matchesAll(p, in.ParameterFilters)
		if err != nil {
			return nil, err
		}
		if !matches {
			continue
		}
		found, err := a.parameterValue(name, in.WithDecryption)
		if err != nil {
			return nil, err
		}
		all = append(all, *found)
	}
	list, next, err := page(a, all, func(p types.Parameter) string { return *p.Name }, in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, &types.InvalidNextToken{Message: ptr("The specified token is not valid.")}
	}
	return &ssm.GetParametersByPathOutput{Parameters: filled(list), NextToken: next}, nil
}
