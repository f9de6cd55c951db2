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
	return &Account{newSession(cfg, project, taggedTypes())}
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

// Read returns what there is of want, whosever it is, and what else belongs to
// the project. A task definition whose service proves it to be the desired one is
// not read: it has a hash and no spec.
func (a *Account) Read(ctx context.Context, rules plan.Kinds, want *plan.Stack) (*plan.Stack, error) {
	tagged, err := a.tagged(ctx)
	if err != nil {
		return nil, err
	}
	r := &reading{session: a.session, want: want, tagged: tagged, live: map[string][]candidate{}}
	if err := r.readKinds(ctx, kinds); err != nil {
		return nil, err
	}
	stack, err := plan.LiveStack(rules, want.Target, r.resources())
	if err != nil {
		return nil, fmt.Errorf("read the live stack: %w", err)
	}
	return stack, nil
}

// Kind returns nil for a kind that is not known.
func (a *Account) Kind(kind string) *Kind {
	for _, d := range kinds {
		if d.about().kind == kind {
			return &Kind{d.in(a.session)}
		}
	}
	return nil
}

// taggedTypes are the types that are found by the tagging API.
func taggedTypes() []string {
	var out []string
	for _, d := range kinds {
		if tagged := d.about().tagged; tagged != "" {
			out = append(out, tagged)
		}
	}
	return unique(out)
}

// Actions are the IAM actions that reading the resources of all kinds needs, and
// those that changing them needs besides, sorted.
func Actions() (reads, writes []string) {
	for _, d := range kinds {
		reads = append(reads, d.about().reads...)
		writes = append(writes, d.about().writes...)
	}
	slices.Sort(reads)
	slices.Sort(writes)
	return slices.Compact(reads), slices.Compact(writes)
}
