package simulator

import "github.com/aws/aws-sdk-go-v2/service/sts"

func stsOperations() []operation {
	return []operation{read(getCallerIdentity)}
}

// getCallerIdentity answers as for a user called simulator.
func getCallerIdentity(a *Account, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{
		Account: &a.Account, Arn: ptr(a.callerARN()), UserId: ptr("AIDASIMULATOR0000000"),
	}, nil
}

func (a *Account) callerARN() string { return a.globalARN("iam", "user/simulator") }
