package simulator

import (
	"fmt"
	"net/netip"
	"strings"

	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// startFailure is why a task does not start well.
type startFailure struct {
	Code   types.TaskStopCode
	Reason string
	Exit   *int32 // exit code of the essential container; nil when it never ran
	Detail string // the container's reason
}

func (f *startFailure) stop() stop {
	return stop{code: f.Code, reason: f.Reason, exit: f.Exit, detail: f.Detail}
}

func cannotStart(format string, args ...any) *startFailure {
	return &startFailure{Code: types.TaskStopCodeTaskFailedToStart, Reason: fmt.Sprintf(format, args...)}
}

// startChecks find out why a task would not start, in the order in which
// Fargate would meet the reasons. A service that tasks need when they start
// adds one.
var startChecks = []func(*Account, *types.TaskDefinition, types.AwsVpcConfiguration) *startFailure{
	roleProblem, routeProblem, secretProblem, logProblem, imageProblem,
}

// startFailure is why tasks of the service's newest deployment do not start, nil
// when they do.
func (a *Account) startFailure(s *Service) *startFailure {
	td := a.definition(*s.TaskDefinition)
	if len(td.ContainerDefinitions) == 0 {
		return cannotStart("The task definition %s does not exist.", *s.TaskDefinition)
	}
	return a.checkStart(td, *s.NetworkConfiguration.AwsvpcConfiguration)
}

func (a *Account) checkStart(td *types.TaskDefinition, n types.AwsVpcConfiguration) *startFailure {
	for _, check := range startChecks {
		if failure := check(a, td, n); failure != nil {
			return failure
		}
	}
	return nil
}

// failTask records a task of the service that did not start.
func (a *Account) failTask(key string, s *Service, failure *startFailure) {
	t := a.launch(a.serviceTask(key, s), "PENDING")
	a.stopTask(lastCluster(*t.TaskArn), failure.stop())
	a.event(s, "(deployment %s) (task %s) failed to start: %s", *s.Deployments[0].Id, lastPart(*t.TaskArn), failure.Reason)
}

// lastCluster is a task's key in its ARN.
func lastCluster(taskARN string) string {
	_, resource := arnParts(taskARN)
	return trimType(resource, "task")
}

func roleProblem(a *Account, td *types.TaskDefinition, _ types.AwsVpcConfiguration) *startFailure {
	for _, arn := range []*string{td.ExecutionRoleArn, td.TaskRoleArn} {
		if arn == nil {
			continue
		}
		if role := a.roleByARN(*arn); role == nil || !assumable(role) {
			return cannotStart("ECS was unable to assume the role '%s' that was provided for this task. "+
				"Please verify that the role being passed has the proper trust relationship and permissions and that "+
				"your IAM user has permissions to pass this role.", *arn)
		}
	}
	return nil
}

// routeProblem wants a way to the registries: through an internet gateway with a
// public address or through NAT, and a security group that lets it out.
func routeProblem(a *Account, td *types.TaskDefinition, n types.AwsVpcConfiguration) *startFailure {
	image := *td.ContainerDefinitions[0].Image
	for _, subnet := range n.Subnets {
		if a.reachesInternet(subnet, n.AssignPublicIp == types.AssignPublicIpEnabled) && a.letsOut(n.SecurityGroups) {
			continue
		}
		if isECR(image) {
			return cannotStart("ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull " +
				"registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. " +
				"Check your task network configuration.")
		}
		return cannotStart("CannotPullContainerError: pull image manifest has been retried 5 time(s): "+
			"failed to resolve ref %s: dial tcp: i/o timeout", image)
	}
	return nil
}

func (a *Account) reachesInternet(subnet string, public bool) bool {
	table := a.routeTableOf(subnet)
	if table == nil {
		return false
	}
	for _, r := range table.Routes {
		if str(r.DestinationCidrBlock) != "0.0.0.0/0" {
			continue
		}
		if strings.HasPrefix(str(r.GatewayId), "igw-") {
			return public
		}
		return true // NAT, transit gateway, appliance
	}
	return false
}

// routeTableOf is the subnet's own route table or the main one of its VPC.
func (a *Account) routeTableOf(subnet string) *ec2types.RouteTable {
	var main *ec2types.RouteTable
	vpc := str(val(a.Subnets.Get(subnet)).VpcId)
	for _, table := range a.RouteTables.All() {
		for _, association := range table.Associations {
			if str(association.SubnetId) == subnet {
				return table
			}
			if val(association.Main) && *table.VpcId == vpc {
				main = table
			}
		}
	}
	return main
}

// letsOut tells whether one of the groups allows HTTPS to anywhere.
func (a *Account) letsOut(groups []string) bool {
	for _, group := range groups {
		for _, rule := range a.rulesOf(group) {
			if val(rule.IsEgress) && coversHTTPS(rule.IpProtocol, rule.FromPort, rule.ToPort) && anywhere(rule.CidrIpv4) {
				return true
			}
		}
	}
	return false
}

func coversHTTPS(protocol *string, from, to *int32) bool {
	return *protocol == "-1" || *protocol == "tcp" && *from <= 443 && *to >= 443
}

func anywhere(cidr *string) bool {
	prefix, err := netip.ParsePrefix(str(cidr))
	return err == nil && prefix.Bits() == 0
}

// denied is the failure of a task whose execution role lacks a permission, nil
// when it has it.
func (a *Account) denied(td *types.TaskDefinition, action, resource string) *startFailure {
	role := a.roleByARN(str(td.ExecutionRoleArn))
	if role != nil && a.allows(role, action, resource) {
		return nil
	}
	return cannotStart("ResourceInitializationError: AccessDeniedException: the execution role %s "+
		"is not authorized to perform: %s on resource: %s", str(td.ExecutionRoleArn), action, resource)
}

// secretProblem wants the execution role to read the secrets.
func secretProblem(a *Account, td *types.TaskDefinition, _ types.AwsVpcConfiguration) *startFailure {
	for _, c := range td.ContainerDefinitions {
		for _, s := range c.Secrets {
			action, resource := "ssm:GetParameters", *s.ValueFrom
			switch arnService(resource) {
			case "secretsmanager":
				action = "secretsmanager:GetSecretValue"
			case "":
				resource = a.arn("ssm", "parameter/"+strings.TrimPrefix(resource, "/"))
			}
			if denied := a.denied(td, action, resource); denied != nil {
				return denied
			}
		}
	}
	return nil
}

// logProblem wants the log groups, unless the driver may make them: then they
// come into being.
func logProblem(a *Account, td *types.TaskDefinition, _ types.AwsVpcConfiguration) *startFailure {
	for _, c := range td.ContainerDefinitions {
		l := val(c.LogConfiguration)
		group := l.Options["awslogs-group"]
		if l.LogDriver != types.LogDriverAwslogs || l.Options["awslogs-region"] != a.Region {
			continue
		}
		if denied := a.denied(td, "logs:CreateLogStream", a.logGroupARN(group)+":log-stream:"); denied != nil {
			return denied
		}
		if a.LogGroups.Get(group) != nil {
			continue
		}
		if l.Options["awslogs-create-group"] == "true" {
			if denied := a.denied(td, "logs:CreateLogGroup", a.logGroupARN(group)); denied != nil {
				return denied
			}
			a.putLogGroup(group, logstypes.LogGroup{}, nil)
			continue
		}
		return cannotStart("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: " +
			"failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1")
	}
	return nil
}

// imageProblem lets the images fail that were said to.
func imageProblem(a *Account, td *types.TaskDefinition, _ types.AwsVpcConfiguration) *startFailure {
	for _, c := range td.ContainerDefinitions {
		if isEssential(c) && a.neverHealthy(*c.Image) {
			return &startFailure{
				Code: types.TaskStopCodeEssentialContainerExited, Reason: "Essential container in task exited", Exit: ptr(int32(1)),
			}
		}
	}
	return nil
}

func (a *Account) neverHealthy(image string) bool {
	if strings.Contains(image, NeverHealthy) {
		return true
	}
	for part := range a.Unhealthy.All() {
		if strings.Contains(image, part) {
			return true
		}
	}
	return false
}
