package translate

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// What the counterparts of keys of other tools are called in messages.
const (
	noCounterpart  = "there is no counterpart: create it outside this tool"
	viaReplacement = "create it outside this tool, and give the service x-fargate: {replaced_by: {host: HOST, port: PORT}}"
	viaPolicies    = "create it outside this tool, name it in environment, and grant access with x-fargate.policies"
)

// willBe speaks of a key of ours that is refused so far.
func willBe(key string) string { return key + " will be the counterpart, which is not supported yet" }

// defangKeys are the keys of Defang, at the top level, in services and at
// ports.
var defangKeys = map[string]string{
	"x-defang-postgres":     viaReplacement,
	"x-defang-redis":        viaReplacement,
	"x-defang-mongodb":      viaReplacement,
	"x-defang-llm":          "there is no counterpart: give the service access to Amazon Bedrock with x-fargate.policies",
	"x-defang-static-files": "there is no counterpart: serve them from a container, or set up Amazon S3 outside this tool",
	"x-defang-dns-role":     noCounterpart,
	"x-defang-autoscaling":  willBe("x-fargate.scaling"),
	"x-defang-policies":     "use x-fargate.policies",
	"x-defang-aliases":      "use networks.NETWORK.aliases",
	"x-defang-listener":     "use x-fargate.ingress",
	"x-defang-aws":          "use x-fargate.vpc and x-fargate.subnets",
}

// composeXTop are the keys of compose-x at the top level.
var composeXTop = map[string]string{
	"x-acm":              "use x-fargate.certificate",
	"x-alarms":           noCounterpart,
	"x-aps":              noCounterpart,
	"x-cloudmap":         "services find each other by name without it",
	"x-cluster":          "use x-fargate.cluster",
	"x-cognito_userpool": noCounterpart,
	"x-dashboards":       noCounterpart,
	"x-docdb":            viaReplacement,
	"x-dynamodb":         viaPolicies,
	"x-efs":              "use volumes",
	"x-elasticache":      viaReplacement,
	"x-elbv2":            "use x-fargate.ingress of the services",
	"x-events":           willBe("x-fargate.schedule of the services"),
	"x-kinesis":          viaPolicies,
	"x-kinesis_firehose": viaPolicies,
	"x-kms":              viaPolicies,
	"x-neptune":          viaReplacement,
	"x-opensearch":       viaReplacement,
	"x-rds":              viaReplacement,
	"x-route53":          "use x-fargate.domain",
	"x-s3":               viaPolicies,
	"x-sns":              viaPolicies,
	"x-sqs":              viaPolicies,
	"x-ssm_parameter":    viaPolicies,
	"x-tags":             "use x-fargate.tags",
	"x-vpc":              "use x-fargate.vpc and x-fargate.subnets",
	"x-wafv2_webacl":     noCounterpart,
}

// composeXService are those in services.
var composeXService = map[string]string{
	"x-alarms":      noCounterpart,
	"x-cloudmap":    "services find each other by name without it",
	"x-ecr":         noCounterpart,
	"x-ecs":         "use x-fargate.patch",
	"x-ecs_connect": "services find each other by name without it",
	"x-environment": "use environment",
	"x-iam":         "use x-fargate.policies, and x-fargate.permissions_boundary at the top level",
	"x-logging":     "use x-fargate.log_retention at the top level",
	"x-monitoring":  noCounterpart,
	"x-network":     "use networks, and x-fargate.public_ip at the top level",
	"x-prometheus":  noCounterpart,
	"x-scaling":     willBe("x-fargate.scaling"),
	"x-xray":        "run the X-Ray daemon as a service with x-fargate: {sidecar_of: SERVICE}",
}

// foreign says to which tool an extension belongs, and what to use instead; not
// ok if it belongs to none. At the top level a name such as x-s3 may just as
// well be the user's own, for an anchor.
func (s *screening) foreign(key string, path diag.Path) (tool, help string, ok bool) {
	if strings.HasPrefix(key, "x-defang-") {
		if help, ok = defangKeys[key]; !ok {
			help = noCounterpart
		}
		return "Defang", help, true
	}
	if len(path) == 1 {
		help, ok = composeXTop[key]
		return "compose-x", help, ok && !s.HasAnchor(path...)
	}
	help, ok = composeXService[key]
	return "compose-x", help, ok && len(path) == 3 && path[0] == "services"
}
