package simulator

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func stsOperations() []operation {
	return []operation{read(getCallerIdentity)}
}

// getCallerIdentity answers for Options.Caller, or a user called simulator.
func getCallerIdentity(a *Account, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{
		Account: &a.Account, Arn: ptr(a.callerARN()), UserId: ptr("AIDASIMULATOR0000000"),
	}, nil
}

func (a *Account) callerARN() string {
	return cmp.Or(a.Caller.ARN, a.globalARN("iam", "user/simulator"))
}
