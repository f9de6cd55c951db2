package translate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// defaultRetention of logs, in days.
const defaultRetention = 30

func logGroupAddress(b *base) plan.Address {
	return plan.Address{Kind: spec.LogGroupKind, Name: b.Name}
}

// addLogGroup makes the one of the project; each service has a stream prefix in it.
func addLogGroup(b *base) {
	retention := cmp.Or(b.X.LogRetention, defaultRetention)
	if retention == xfargate.Forever {
		retention = 0
	}
	b.add(logGroupAddress(b), b.At(xfargate.Key, "log_retention"), &spec.LogGroup{
		LogGroupName:    logGroupName(b.Name),
		RetentionInDays: retention,
		Tags:            b.tags(),
	}).Origins = from(diag.Path{"services"}, "/x-fargate.log_retention", "/x-aws-logs_retention")
}

// What the files and ECS call the log drivers that Fargate has.
const (
	awslogs     = "awslogs"
	splunk      = "splunk"
	awsfirelens = "awsfirelens"
)

const (
	nonBlocking = "non-blocking"
	bufferSize  = "25m"
)

// awslogsOptions are the options that ECS passes on (LogConfiguration of the
// API reference); it refuses others.
var awslogsOptions = []string{
	"awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group",
	"awslogs-datetime-format", "awslogs-multiline-pattern", "mode", "max-buffer-size",
}

// logConfiguration sends the output of a container to the log group. What ECS
// would choose depends on the account (defaultLogDriverMode), so it is said: an
// application must not block where logs are slow. 25 MiB loses nothing at up to
// 5 MB/s (AWS Containers Blog, "Preventing log loss with non-blocking mode in
// the AWSLogs container log driver").
func logConfiguration(b *base, s container) *spec.LogConfiguration {
	switch out := toLogGroup(b, s.Name); logDriver(s) {
	case splunk:
		return toSplunk(b, s)
	case awsfirelens:
		return toRouter(b, s)
	case awslogs:
		logOptions(b, s, out.Options)
		return out
	default: // the key table says so
		return out
	}
}

// logDriver is "" where the files name none.
func logDriver(s container) string {
	if s.Logging == nil {
		return ""
	}
	return strings.TrimSpace(s.Logging.Driver)
}

// toLogGroup is the configuration for output that goes to the project's log
// group.
func toLogGroup(b *base, prefix string) *spec.LogConfiguration {
	return &spec.LogConfiguration{LogDriver: awslogs, Options: map[string]plan.Value{
		"awslogs-group":         logGroupRef(b),
		"awslogs-region":        plan.Fact("region", "name", b.facts.Region),
		"awslogs-stream-prefix": plan.Literal(prefix),
		"mode":                  plan.Literal(nonBlocking),
		"max-buffer-size":       plan.Literal(bufferSize),
	}}
}

func logGroupRef(b *base) plan.Value {
	return plan.RefTo(logGroupAddress(b), "name", logGroupName(b.Name))
}

// logOptions lets the options in the files override ours.
func logOptions(b *base, s container, options map[string]plan.Value) {
	given := s.Logging.Options
	for _, name := range sortedKeys(given) {
		if !slices.Contains(awslogsOptions, name) {
			b.warnf(s.at("logging", "options", name), "", "ECS has no such awslogs option: left out")
			continue
		}
		options[name] = plan.Literal(given[name])
	}
	logMode(b, s, options)
	if given["awslogs-datetime-format"] != "" && given["awslogs-multiline-pattern"] != "" {
		b.errorf(s.at("logging", "options"), "keep one of them",
			"awslogs-datetime-format and awslogs-multiline-pattern exclude each other")
	}
	switch group := given["awslogs-group"]; {
	case !logAlphabet.allows(group) || len(group) > logAlphabet.max:
		b.errorf(s.at("logging", "options", "awslogs-group"), "",
			"a log group has up to %d letters, digits and . _ - / # in its name, not %q", logAlphabet.max, group)
	case group == "" || group == logGroupName(b.Name):
		options["awslogs-group"] = logGroupRef(b)
	case given["awslogs-create-group"] != "true":
		b.warnf(s.at("logging", "options", "awslogs-group"), "create it yourself, or leave this option out",
			"log group %s is not part of this stack: tasks fail to start if it does not exist", group)
	}
}

// logMode checks what the files say of the buffer before any driver.
func logMode(b *base, s container, options map[string]plan.Value) {
	switch mode := s.Logging.Options["mode"]; {
	case mode != "" && mode != nonBlocking && mode != "blocking":
		b.errorf(s.at("logging", "options", "mode"), "", "must be blocking or non-blocking, not %q", mode)
	case mode == "blocking" && s.Logging.Options["max-buffer-size"] == "":
		delete(options, "max-buffer-size") // has no meaning there
	}
}

// logAccess are the permissions of the execution role for log groups: to write
// to that of the project and to those that options name, and to create these if
// an option says so.
func logAccess(b *base, tasks []*task) []spec.Statement {
	write := []plan.Value{logArn(b, "", "")}
	var create []plan.Value
	for _, task := range tasks {
		for _, m := range task.members {
			if logDriver(m) != awslogs {
				continue
			}
			options := m.Logging.Options
			arn := logArn(b, options["awslogs-region"], options["awslogs-group"])
			write = append(write, arn)
			if options["awslogs-create-group"] == "true" {
				create = append(create, arn)
			}
		}
	}
	out := []spec.Statement{allowed("WriteLogs", write, "logs:CreateLogStream", "logs:PutLogEvents")}
	if len(create) > 0 {
		out = append(out, allowed("CreateLogGroups", create, "logs:CreateLogGroup"))
	}
	return out
}

// logArn stands for what is in a log group; "" is the region or the group of
// the project.
func logArn(b *base, region, group string) plan.Value {
	return plan.Literal("arn:" + b.partition() + ":logs:" + cmp.Or(region, b.region()) + ":" + b.account() +
		":log-group:" + cmp.Or(group, logGroupName(b.Name)) + ":*")
}

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
		if sensitive.Is(name, value) {
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
