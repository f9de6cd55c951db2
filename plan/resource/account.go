package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsarn "github.com/aws/aws-sdk-go-v2/aws/arn"
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

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Account is one AWS account and region, seen through the SDK's clients, and one
// project in it. It is safe for concurrent use.
//
// Facts and Read share what they found, so that an Account shows one moment; a
// second look takes a new Account. Kind reads past all that.
type Account struct {
	project string
	region  string
	cluster string // name of one that exists and that the services run in; "": the project's own
	poll    time.Duration

	ecs            *ecs.Client
	ec2            *ec2.Client
	iam            *iam.Client
	logs           *cloudwatchlogs.Client
	sts            *sts.Client
	quotas         *servicequotas.Client
	tagging        *tagging.Client
	elb            *elasticloadbalancingv2.Client
	acm            *acm.Client
	route53        *route53.Client
	names          *servicediscovery.Client
	ssm            *ssm.Client
	efs            *efs.Client
	ecr            *ecr.Client
	secretsManager *secretsmanager.Client
	maker          Maker // nil: nothing makes images

	cache  *cache
	spread *spreading
	fresh  *spreading // the same of namespaces
	routed *spreading // the same of listeners and their rules
	moved  *moves     // of listener rules
}

// New looks at the account and region of cfg. Where cfg leaves the way of
// retrying open, calls are tried patiently, see retryer.
func New(cfg aws.Config, project string) *Account {
	if cfg.Retryer == nil && cfg.RetryMode == "" && cfg.RetryMaxAttempts == 0 {
		cfg.Retryer = retryer
	}
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), noteWrites)
	return &Account{
		project:        project,
		region:         cfg.Region,
		poll:           3 * time.Second,
		ecs:            ecs.NewFromConfig(cfg),
		ec2:            ec2.NewFromConfig(cfg),
		iam:            iam.NewFromConfig(cfg),
		logs:           cloudwatchlogs.NewFromConfig(cfg),
		sts:            sts.NewFromConfig(cfg),
		quotas:         servicequotas.NewFromConfig(cfg),
		tagging:        tagging.NewFromConfig(cfg),
		elb:            elasticloadbalancingv2.NewFromConfig(cfg),
		acm:            acm.NewFromConfig(cfg),
		route53:        route53.NewFromConfig(cfg),
		names:          servicediscovery.NewFromConfig(cfg),
		ssm:            ssm.NewFromConfig(cfg),
		efs:            efs.NewFromConfig(cfg),
		ecr:            ecr.NewFromConfig(cfg),
		secretsManager: secretsmanager.NewFromConfig(cfg),
		cache:          &cache{},
		spread:         &spreading{},
		fresh:          &spreading{},
		routed:         &spreading{},
		moved:          &moves{},
	}
}

// WithPoll sets how long to wait between two looks at something that takes its
// time, and returns a. It is to be called before anything else.
func (a *Account) WithPoll(d time.Duration) *Account {
	a.poll = d
	return a
}

// WithCluster says that services run, or are to run, in a cluster of this name or
// ARN that others use as well, and returns a. It is to be called before anything
// else. "" means the project's own cluster alone.
func (a *Account) WithCluster(cluster string) *Account {
	a.cluster = clusterName(cluster)
	return a
}

// WithMaker sets what makes images, and returns a. It is to be called before
// anything else. Without one, an image that has to be made is an error.
func (a *Account) WithMaker(m Maker) *Account {
	a.maker = m
	return a
}

func (a *Account) owner() owner { return owner{a.project} }

// Identity asks AWS whose credentials these are.
func (a *Account) Identity(ctx context.Context) (partition, account string, err error) {
	who, err := a.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", fmt.Errorf("read identity: %w", brief(err))
	}
	parsed, err := awsarn.Parse(aws.ToString(who.Arn))
	if err != nil {
		return "", "", fmt.Errorf("read identity: %w", err)
	}
	return parsed.Partition, aws.ToString(who.Account), nil
}

// Kind reads and changes resources of one kind, one at a time. Its errors name
// the operation and the address.
type Kind interface {
	// Read reads the resource as it is now. r, desired or live, says which one is
	// meant: a live one by what AWS calls it, a desired one as in Account.Read. It
	// returns plan.ErrNotFound when absent.
	Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error)
	// Create makes what want says; every Value of its spec must be known. It may
	// be called again after it was cut short: what it finds and is ours, it brings
	// to want. Attrs together with an error say that something was written before
	// it failed; the same goes for Update and Start.
	Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error)
	// Update brings live to want with the calls that this takes. force restarts
	// the tasks of a service whatever differs; other kinds ignore it.
	Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error)
	// Delete deletes live and returns when it is gone. It is no error if it was
	// gone before.
	Delete(ctx context.Context, live *plan.Resource) error
}

// Kind returns nil for a kind that is not known. That of services has the
// methods of ServiceKind besides.
func (a *Account) Kind(kind string) Kind {
	switch kind {
	case spec.ClusterKind:
		return named{a.clusters()}
	case spec.LogGroupKind:
		return named{a.logGroups()}
	case spec.RoleKind:
		return named{a.roles()}
	case spec.SecurityGroupKind:
		return extending(a.securityGroups())
	case spec.LoadBalancerKind:
		return named{a.loadBalancers()}
	case spec.TargetGroupKind:
		return named{a.targetGroups()}
	case spec.ListenerKind:
		return extending(a.listeners())
	case spec.ListenerRuleKind:
		return extending(a.listenerRules())
	case spec.NamespaceKind:
		return named{a.namespaces()}
	case spec.DiscoveryServiceKind:
		return named{a.discoveryServices()}
	case spec.CertificateKind:
		return named{a.certificates()}
	case spec.RecordKind:
		return named{a.records()}
	case spec.FileSystemKind:
		return named{a.fileSystems()}
	case spec.MountTargetKind:
		return named{a.mountTargets()}
	case spec.AccessPointKind:
		return named{a.accessPoints()}
	case spec.ParameterKind:
		return named{a.parameters()}
	case spec.SecretKind:
		return named{a.secrets()}
	case spec.RepositoryKind:
		return named{a.repositories()}
	case spec.ImageKind:
		return named{a.images()}
	case spec.TaskDefinitionKind:
		return named{a.taskDefinitions()}
	case spec.ServiceKind:
		services := a.services()
		return namedService{named{services}, services}
	default:
		return nil
	}
}

// wait sleeps for one poll interval.
func wait(ctx context.Context, poll time.Duration) error {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// appearTime bounds the waiting for something just made to become visible.
const appearTime = time.Minute

// appears reads what was just made. AWS may need a moment to show it.
func appears[T any](ctx context.Context, poll time.Duration, read func() (T, error)) (T, error) {
	deadline := time.Now().Add(appearTime)
	for {
		live, err := read()
		if !errors.Is(err, plan.ErrNotFound) || time.Now().After(deadline) {
			return live, err
		}
		if err := wait(ctx, poll); err != nil {
			return live, err
		}
	}
}
