package resource

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Where reads what of the facts needs no network: whose account this is, and
// which region.
func (a *Account) Where(ctx context.Context) (plan.Facts, error) {
	partition, account, err := a.Identity(ctx)
	return plan.Facts{Partition: partition, Account: account, Region: a.region}, err
}

// Facts reads what the translation must know of the account. What is open is
// chosen as it is live already, so that a new route or subnet moves no service;
// else as a newcomer would expect it.
func (a *Account) Facts(ctx context.Context, needs plan.Lookups) (plan.Facts, error) {
	facts, err := a.Where(ctx)
	if err != nil {
		return plan.Facts{}, err
	}
	network, err := a.network(ctx, needs)
	if err != nil {
		return plan.Facts{}, fmt.Errorf("choose the network: %w", brief(err))
	}
	facts.VPC, facts.Subnets = network.vpc, network.ids()
	facts.PublicIP, facts.Network = network.publicIP, network.why()
	facts.VCPUQuota = a.vcpuQuota(ctx)
	return facts, ctx.Err()
}

// vcpuQuota reads the quota "Fargate On-Demand vCPU resource count". Not to know
// it costs a warning, so that no error of this call matters.
func (a *Account) vcpuQuota(ctx context.Context) float64 {
	got, err := a.quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{
		ServiceCode: pointer("fargate"), QuotaCode: pointer("L-3032A538"),
	})
	if err != nil || got.Quota == nil || got.Quota.Value == nil {
		return 0
	}
	return *got.Quota.Value
}
