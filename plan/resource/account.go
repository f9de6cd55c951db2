package resource

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsarn "github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Account is one AWS account and region, seen through the SDK's clients, and one
// project in it. It is safe for concurrent use.
//
// Facts and Read share what they found, so that an Account shows one moment; a
// second look needs a new Account. Kind reads past all that.
type Account struct{ *session }

// New looks at the account and region of cfg. Where cfg leaves the way of
// retrying open, calls are tried patiently, see retryer.
func New(cfg aws.Config, project string) *Account {
	if cfg.Retryer == nil && cfg.RetryMode == "" && cfg.RetryMaxAttempts == 0 {
		cfg.Retryer = retryer
	}
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), noteWrites)
	return &Account{newSession(cfg, project)}
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
		return named{clusters{a.session}}
	case spec.LogGroupKind:
		return named{logGroups{a.session}}
	case spec.RoleKind:
		return named{roles{a.session}}
	case spec.SecurityGroupKind:
		return extending(securityGroups{a.session})
	case spec.LoadBalancerKind:
		return named{loadBalancers{a.session}}
	case spec.TargetGroupKind:
		return named{targetGroups{a.session}}
	case spec.ListenerKind:
		return extending(listeners{a.session})
	case spec.ListenerRuleKind:
		return extending(listenerRules{a.session})
	case spec.NamespaceKind:
		return named{namespaces{a.session}}
	case spec.DiscoveryServiceKind:
		return named{discoveryServices{a.session}}
	case spec.CertificateKind:
		return named{certificates{a.session}}
	case spec.RecordKind:
		return named{records{a.session}}
	case spec.FileSystemKind:
		return named{fileSystems{a.session}}
	case spec.MountTargetKind:
		return named{mountTargets{a.session}}
	case spec.AccessPointKind:
		return named{accessPoints{a.session}}
	case spec.ParameterKind:
		return named{parameters{a.session}}
	case spec.SecretKind:
		return named{secrets{a.session}}
	case spec.RepositoryKind:
		return named{repositories{a.session}}
	case spec.ImageKind:
		return named{images{a.session}}
	case spec.TaskDefinitionKind:
		return named{taskDefinitions{a.session}}
	case spec.ServiceKind:
		services := services{a.session}
		return namedService{named{services}, services}
	default:
		return nil
	}
}
