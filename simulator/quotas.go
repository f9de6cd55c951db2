package simulator

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
)

func quotasOperations() []operation {
	return []operation{read(getServiceQuota), read(listServiceQuotas)}
}

// quotaServices are the codes of the services that are simulated (Service Quotas API
// reference, ListServices); the quotas of Fargate alone are known.
var quotaServices = []string{
	"acm", "application-autoscaling", "ec2", "ecr", "ecs", "elasticfilesystem", "elasticloadbalancing", "fargate", "iam", "logs",
	"monitoring", "resource-groups", "route53", "scheduler", "secretsmanager", "servicediscovery", "ssm", "sts", "vpc",
}

// quotas are the applied quotas that are known, by service (AWS General
// Reference, "Amazon ECS endpoints and quotas").
func (a *Account) quotas(service string) []types.ServiceQuota {
	if service != "fargate" {
		return nil
	}
	return []types.ServiceQuota{
		a.quota("L-3032A538", "Fargate On-Demand vCPU resource count", a.VCPUQuota),
		a.quota("L-36FBB829", "Fargate Spot vCPU resource count", a.VCPUQuota),
	}
}

func (a *Account) quota(code, name string, value float64) types.ServiceQuota {
	return types.ServiceQuota{
		QuotaCode: &code, QuotaName: &name, Value: &value, Unit: ptr("None"), Adjustable: true,
		ServiceCode: ptr("fargate"), ServiceName: ptr("AWS Fargate"), QuotaArn: ptr(a.arn("servicequotas", "fargate/"+code)),
		QuotaAppliedAtLevel: types.AppliedLevelEnumAccount,
	}
}

func getServiceQuota(a *Account, in *servicequotas.GetServiceQuotaInput) (*servicequotas.GetServiceQuotaOutput, error) {
	for _, q := range a.quotas(str(in.ServiceCode)) {
		if *q.QuotaCode == str(in.QuotaCode) {
			return &servicequotas.GetServiceQuotaOutput{Quota: &q}, nil
		}
	}
	return nil, &types.NoSuchResourceException{
		Message: ptr(fmt.Sprintf("The request failed because the specified quota %s does not exist.", str(in.QuotaCode))),
	}
}

func listServiceQuotas(
	a *Account, in *servicequotas.ListServiceQuotasInput,
) (*servicequotas.ListServiceQuotasOutput, error) {
	if !slices.Contains(quotaServices, str(in.ServiceCode)) {
		return nil, &types.NoSuchResourceException{
			Message: ptr(fmt.Sprintf("The request failed because the specified service %s does not exist.", str(in.ServiceCode))),
		}
	}
	quotas, next, err := page(a, a.quotas(str(in.ServiceCode)), func(q types.ServiceQuota) string { return *q.QuotaCode }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, &types.InvalidPaginationTokenException{Message: ptr(err.Error())}
	}
	return &servicequotas.ListServiceQuotasOutput{Quotas: filled(quotas), NextToken: next}, nil
}
