package simulator

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// service is one AWS service. A new one is a file with its operations and tables,
// and a line in services.
type service struct {
	id         string // the SDK's ServiceID
	name       string // the service's name in Call.Service
	operations []operation
	// tables makes the struct with the service's tables, which stateOf returns; nil:
	// they are embedded in Account, or there are none.
	tables func() any
}

func services() []service {
	return []service{
		{id: acm.ServiceID, name: "acm", operations: acmOperations()},
		{id: scaling.ServiceID, name: "autoscaling", operations: scalingOperations()},
		{id: cloudwatch.ServiceID, name: "cloudwatch", operations: watchOperations()},
		{id: cloudwatchlogs.ServiceID, name: "logs", operations: logsOperations()},
		{id: ec2.ServiceID, name: "ec2", operations: ec2Operations()},
		{id: ecr.ServiceID, name: "ecr", operations: ecrOperations()},
		{id: ecs.ServiceID, name: "ecs", operations: ecsOperations()},
		{id: elasticloadbalancingv2.ServiceID, name: "elbv2", operations: elbOperations()},
		{id: efs.ServiceID, name: "efs", operations: efsOperations()},
		{id: iam.ServiceID, name: "iam", operations: iamOperations()},
		{id: resourcegroupstaggingapi.ServiceID, name: "tagging", operations: taggingOperations()},
		{id: route53.ServiceID, name: "route53", operations: route53Operations()},
		{id: servicediscovery.ServiceID, name: "servicediscovery", operations: discoveryOperations()},
		{id: servicequotas.ServiceID, name: "servicequotas", operations: quotasOperations()},
		{id: scheduler.ServiceID, name: "scheduler", operations: schedulerOperations()},
		{id: secretsmanager.ServiceID, name: "secretsmanager", operations: secretsOperations()},
		ssmService(),
		{id: sts.ServiceID, name: "sts", operations: stsOperations()},
	}
}

// operation answers one API operation.
type operation struct {
	service string
	name    string
	writes  bool
	answer  func(a *Account, input any) (any, error)
}

// read registers an operation that AWS documents as changing nothing. Reads may
// still move a deployment along.
func read[In, Out any](answer func(*Account, *In) (*Out, error)) operation {
	return operation{name: operationName[In](), answer: untyped(answer)}
}

// write registers an operation that changes the account.
func write[In, Out any](answer func(*Account, *In) (*Out, error)) operation {
	return operation{name: operationName[In](), writes: true, answer: untyped(answer)}
}

func operationName[In any]() string {
	return strings.TrimSuffix(reflect.TypeFor[In]().Name(), "Input")
}

func untyped[In, Out any](answer func(*Account, *In) (*Out, error)) func(*Account, any) (any, error) {
	return func(a *Account, input any) (any, error) {
		out, err := answer(a, input.(*In))
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

// operations is every operation by its SDK service id and name.
func operations() map[string]operation {
	all := map[string]operation{}
	for _, s := range services() {
		for _, o := range s.operations {
			o.service = s.name
			all[s.id+"."+o.name] = o
		}
	}
	return all
}

// Operations lists what is simulated, as "ecs.CreateService", sorted.
func Operations() []string {
	var names []string
	for _, o := range operations() {
		names = append(names, o.service+"."+o.name)
	}
	slices.Sort(names)
	return names
}
