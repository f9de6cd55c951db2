package simulator

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// mostValues is how many values the conditions of one rule may have, and how many
// wildcards (quotas of Application Load Balancers).
const mostValues = 5

// hostPattern and pathPattern are the characters of conditions (types.RuleCondition).
var (
	hostPattern = regexp.MustCompile(`^[A-Za-z0-9.*?-]*\.[A-Za-z*?]+$`)
	pathPattern = regexp.MustCompile(`^[A-Za-z0-9_.$/~"'@:+&*?-]+$`)
	methodName  = regexp.MustCompile(`^[A-Z_-]{1,40}$`)
)

// checkConditions refuses what AWS refuses in the conditions of a rule, and
// returns them in both forms that AWS answers: the plain values and the
// configuration of the field.
func checkConditions(asked []types.RuleCondition) ([]types.RuleCondition, error) {
	if len(asked) == 0 {
		return nil, elbInvalid("A condition must be specified")
	}
	conditions := clone(asked)
	seen := map[string]bool{}
	values, wildcards := 0, 0
	for i := range conditions {
		c := &conditions[i]
		field := str(c.Field)
		if seen[field] && field != "http-header" && field != "query-string" {
			return nil, elbInvalid("A rule can only have '1' condition of field '%s'", field)
		}
		seen[field] = true
		texts, err := checkCondition(c)
		if err != nil {
			return nil, err
		}
		values += len(texts)
		for _, text := range texts {
			wildcards += strings.Count(text, "*") + strings.Count(text, "?")
		}
	}
	switch {
	case values > mostValues:
		return nil, elbInvalid("A rule can only have '%d' condition values", mostValues)
	case wildcards > mostValues:
		return nil, elbInvalid("A rule can only have '%d' condition wildcards", mostValues)
	}
	return conditions, nil
}

// checkCondition returns the values of a condition.
func checkCondition(c *types.RuleCondition) ([]string, error) {
	var texts []string
	var valid func(string) bool
	switch str(c.Field) {
	case "host-header":
		config := orElse(c.HostHeaderConfig, types.HostHeaderConditionConfig{Values: c.Values})
		c.HostHeaderConfig, c.Values = config, config.Values
		texts, valid = config.Values, hostPattern.MatchString
	case "path-pattern":
		config := orElse(c.PathPatternConfig, types.PathPatternConditionConfig{Values: c.Values})
		c.PathPatternConfig, c.Values = config, config.Values
		texts, valid = config.Values, pathPattern.MatchString
	case "http-request-method":
		texts, valid = val(c.HttpRequestMethodConfig).Values, methodName.MatchString
	case "source-ip":
		texts, valid = val(c.SourceIpConfig).Values, isPrefix
	case "http-header":
		texts, valid = val(c.HttpHeaderConfig).Values, isAnything
	case "query-string":
		for _, pair := range val(c.QueryStringConfig).Values {
			texts = append(texts, str(pair.Key)+"="+str(pair.Value))
		}
		valid = isAnything
	default:
		return nil, elbInvalid("Condition field '%s' must be one of '[http-header, http-request-method, "+
			"host-header, path-pattern, query-string, source-ip]'", str(c.Field))
	}
	if len(texts) == 0 || len(c.RegexValues) > 0 {
		return nil, elbInvalid("A condition of field '%s' needs values; the simulator does not know regular expressions", str(c.Field))
	}
	for _, text := range texts {
		if len(text) == 0 || len(text) > 128 || !valid(text) {
			return nil, elbInvalid("Condition value '%s' is not valid for the field '%s'", text, str(c.Field))
		}
	}
	return texts, nil
}

func isPrefix(text string) bool {
	_, err := netip.ParsePrefix(text)
	return err == nil
}

func isAnything(string) bool { return true }
