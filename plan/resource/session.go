package resource

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// clients are the SDK's clients. A client for another AWS service needs a line
// here and one in newClients.
type clients struct {
	acm            *acm.Client
	cloudMap       *servicediscovery.Client
	ec2            *ec2.Client
	ecr            *ecr.Client
	ecs            *ecs.Client
	efs            *efs.Client
	elb            *elasticloadbalancingv2.Client
	iam            *iam.Client
	logs           *cloudwatchlogs.Client
	quotas         *servicequotas.Client
	route53        *route53.Client
	secretsManager *secretsmanager.Client
	ssm            *ssm.Client
	sts            *sts.Client
	tagging        *tagging.Client
}

func newClients(cfg aws.Config) clients {
	return clients{
		acm:            acm.NewFromConfig(cfg),
		cloudMap:       servicediscovery.NewFromConfig(cfg),
		ec2:            ec2.NewFromConfig(cfg),
		ecr:            ecr.NewFromConfig(cfg),
		ecs:            ecs.NewFromConfig(cfg),
		efs:            efs.NewFromConfig(cfg),
		elb:            elasticloadbalancingv2.NewFromConfig(cfg),
		iam:            iam.NewFromConfig(cfg),
		logs:           cloudwatchlogs.NewFromConfig(cfg),
		quotas:         servicequotas.NewFromConfig(cfg),
		route53:        route53.NewFromConfig(cfg),
		secretsManager: secretsmanager.NewFromConfig(cfg),
		ssm:            ssm.NewFromConfig(cfg),
		sts:            sts.NewFromConfig(cfg),
		tagging:        tagging.NewFromConfig(cfg),
	}
}

// session is what a kind works with: the clients of one account and region, the
// project, and what this process found and did there.
type session struct {
	clients
	owner
	region  string
	cluster string // name of one that exists and that the services run in; "": the project's own
	poll    time.Duration
	maker   Maker // nil: nothing makes images
	// taggedTypes are the types to ask the tagging API for: those of all kinds.
	taggedTypes []string

	memo             memo
	roleChanges      propagation
	namespaceChanges propagation
	routeChanges     propagation // of listeners and their rules
	movedRules       movedRules
}

func newSession(cfg aws.Config, project string, taggedTypes []string) *session {
	return &session{
		clients: newClients(cfg), owner: owner{project}, region: cfg.Region, poll: 3 * time.Second, taggedTypes: taggedTypes,
	}
}
