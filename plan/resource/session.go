package resource

import (
	"reflect"
	"sync"
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

// client is the SDK's client of a service, made once. A kind of a service that no
// other kind belongs to has its client in its own file.
func client[C, O any](a *session, newFromConfig func(aws.Config, ...func(*O)) *C) *C {
	made, _ := a.clients.LoadOrStore(reflect.TypeFor[C](), sync.OnceValue(func() *C { return newFromConfig(a.config) }))
	return made.(func() *C)()
}

func (a *session) acm() *acm.Client { return client(a, acm.NewFromConfig) }
func (a *session) cloudMap() *servicediscovery.Client {
	return client(a, servicediscovery.NewFromConfig)
}
func (a *session) ec2() *ec2.Client { return client(a, ec2.NewFromConfig) }
func (a *session) ecr() *ecr.Client { return client(a, ecr.NewFromConfig) }
func (a *session) ecs() *ecs.Client { return client(a, ecs.NewFromConfig) }
func (a *session) efs() *efs.Client { return client(a, efs.NewFromConfig) }
func (a *session) elb() *elasticloadbalancingv2.Client {
	return client(a, elasticloadbalancingv2.NewFromConfig)
}
func (a *session) iam() *iam.Client              { return client(a, iam.NewFromConfig) }
func (a *session) logs() *cloudwatchlogs.Client  { return client(a, cloudwatchlogs.NewFromConfig) }
func (a *session) quotas() *servicequotas.Client { return client(a, servicequotas.NewFromConfig) }
func (a *session) route53() *route53.Client      { return client(a, route53.NewFromConfig) }
func (a *session) secretsManager() *secretsmanager.Client {
	return client(a, secretsmanager.NewFromConfig)
}
func (a *session) ssm() *ssm.Client         { return client(a, ssm.NewFromConfig) }
func (a *session) sts() *sts.Client         { return client(a, sts.NewFromConfig) }
func (a *session) tagging() *tagging.Client { return client(a, tagging.NewFromConfig) }

// session is what a kind works with: the clients of one account and region, the
// project, and what this process found and did there.
type session struct {
	config  aws.Config
	clients sync.Map // by type, see client
	owner
	region  string
	cluster string // name of one that exists and that the services run in; "": the project's own
	poll    time.Duration
	maker   Maker // nil: nothing makes images
	// pullCredentials are the secrets that are for registries without a tag, as HOST=ARN.
	pullCredentials []string
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
		config: cfg, owner: owner{project}, region: cfg.Region, poll: 3 * time.Second, taggedTypes: taggedTypes,
	}
}
