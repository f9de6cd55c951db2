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
)

// Account is one project in one AWS account and region, accessed with the SDK's
// clients. It is safe for concurrent use.
//
// Facts and Read share what they read, so that an Account shows the state at
// one moment; to read again, make a new Account. Kind does not use what was
// read.
type Account struct{ *session }

// New returns the account and region of cfg. If cfg does not say how calls are
// retried, they are retried patiently, see retryer.
func New(cfg aws.Config, project string) *Account {
	if cfg.Retryer == nil && cfg.RetryMode == "" && cfg.RetryMaxAttempts == 0 {
		cfg.Retryer = retryer
	}
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), noteWrites)
	return &Account{newSession(cfg, project, taggedTypes())}
}

// WithPoll sets the time between two reads of something that is waited for, and
// returns a. Call it before anything else.
func (a *Account) WithPoll(d time.Duration) *Account {
	a.poll = d
	return a
}

// WithCluster sets the name or ARN of a shared cluster in which services run or
// will run, and returns a. Call it before anything else. "" means only the
// project's own cluster.
func (a *Account) WithCluster(cluster string) *Account {
	a.cluster = clusterName(cluster)
	return a
}

// WithMaker sets what creates images, and returns a. Call it before anything else.
// Without a Maker, an image that has to be created is an error.
func (a *Account) WithMaker(m Maker) *Account {
	a.maker = m
	return a
}

// Identity asks AWS whose credentials these are.
func (a *Account) Identity(ctx context.Context) (partition, account string, err error) {
	who, err := a.sts().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", fmt.Errorf("read identity: %w", brief(err))
	}
	parsed, err := awsarn.Parse(aws.ToString(who.Arn))
	if err != nil {
		return "", "", fmt.Errorf("read identity: %w", err)
	}
	return parsed.Partition, aws.ToString(who.Account), nil
}

// Read returns the live resources that want means, whoever owns them, and all
// others of the project. A task definition is not read if its service proves that
// it is the desired one: it has a hash and no spec.
func (a *Account) Read(ctx context.Context, rules plan.Kinds, want *plan.Stack) (*plan.Stack, error) {
	tagged, err := a.tagged(ctx)
	if err != nil {
		return nil, err
	}
	r := &reading{session: a.session, want: want, tagged: tagged, live: map[string][]candidate{}}
	if err := r.readKinds(ctx, kinds); err != nil {
		return nil, err
	}
	earlier, err := r.readEarlier(ctx)
	if err != nil {
		return nil, err
	}
	stack, err := plan.LiveStack(rules, want.Target, r.resources())
	if err != nil {
		return nil, fmt.Errorf("read the live stack: %w", err)
	}
	stack.Earlier = earlier
	return stack, nil
}

// Kind returns nil for a kind that is not supported.
func (a *Account) Kind(kind string) *Kind {
	for _, d := range kinds {
		if d.info().kind == kind {
			return &Kind{d.in(a.session)}
		}
	}
	return nil
}

// taggedTypes are the types that are found by the tagging API.
func taggedTypes() []string {
	var out []string
	for _, d := range kinds {
		if tagged := d.info().tagged; tagged != "" {
			out = append(out, tagged)
		}
	}
	return unique(out)
}

// Actions are the IAM actions that reading the resources of all kinds needs, and
// those that changing them needs besides, sorted.
func Actions() (reads, writes []string) {
	for _, d := range kinds {
		reads = append(reads, d.info().reads...)
		writes = append(writes, d.info().writes...)
	}
	slices.Sort(reads)
	slices.Sort(writes)
	return slices.Compact(reads), slices.Compact(writes)
}
