package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// toSplunk sends the output of a container to Splunk, with the options of the
// files. As everywhere, an application does not wait for its logs unless it is
// to.
func toSplunk(b *base, s container) *spec.LogConfiguration {
	options := optionsAsWritten(b, s)
	missing := slices.DeleteFunc([]string{"splunk-token", "splunk-url"}, func(name string) bool { return s.Logging.Options[name] != "" })
	if len(missing) > 0 {
		b.errorf(s.at("logging"), "add to logging.options", "the splunk driver needs %s", strings.Join(missing, " and "))
	}
	for name, value := range map[string]string{"mode": nonBlocking, "max-buffer-size": bufferSize} {
		if _, given := options[name]; !given {
			options[name] = plan.Literal(value)
		}
	}
	logMode(b, s, options)
	return &spec.LogConfiguration{LogDriver: splunk, Options: options}
}

// optionsAsWritten are the options in the files, with a warning if they contain
// secrets, because whoever may describe a task definition can read them.
func optionsAsWritten(b *base, s container) map[string]plan.Value {
	out := map[string]plan.Value{}
	for _, name := range sortedKeys(s.Logging.Options) {
		value := s.Logging.Options[name]
		out[name] = plan.Literal(value)
		if spec.SensitiveOption(name, value) {
			b.warnf(s.at("logging", "options", name), "use a token that can only write logs",
				"stored in plain text in the task definition, readable by anyone who may describe it: secrets for log drivers are not supported yet")
		}
	}
	return out
}

// option finds an option whose name Fluent Bit reads without case.
func option(options map[string]string, name string) string {
	for _, key := range sortedKeys(options) {
		if strings.EqualFold(key, name) {
			return options[key]
		}
	}
	return ""
}
