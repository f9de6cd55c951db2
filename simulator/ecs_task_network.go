package simulator

import (
	"net/netip"
	"strings"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// wanted is a service that a task must reach through its own interface before
// its containers run, and how the task ends where it cannot.
type wanted struct {
	service string // "ecr.api" and so on; empty for the internet
	failure *startFailure
}

// routeProblem wants a way to all that a task needs: registries, secrets, logs.
// That is a VPC endpoint, an internet gateway with a public address, or NAT, and
// security groups that let the task out to it (ECR User Guide, "Amazon ECR
// interface VPC endpoints"; ECS Developer Guide, "Interface VPC endpoints" and
// "Stopped tasks error messages").
func routeProblem(a *Account, td *types.TaskDefinition, n types.AwsVpcConfiguration) *startFailure {
	for _, w := range a.wantedBy(td) {
		for _, subnet := range n.Subnets {
			if !a.reachesService(subnet, n, w.service) {
				return w.failure
			}
		}
	}
	return nil
}

// wantedBy is what a task reaches for, in the order in which Fargate does.
func (a *Account) wantedBy(td *types.TaskDefinition) []wanted {
	var list []wanted
	for _, c := range td.ContainerDefinitions {
		if a.isECRHere(*c.Image) {
			list = append(list, wanted{"ecr.api", cannotStart("ResourceInitializationError: unable to pull secrets or " +
				"registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and " +
				"Amazon ECR. Check your task network configuration.")})
		}
	}
	for _, c := range td.ContainerDefinitions {
		list = append(list, a.secretsWanted(c)...)
	}
	for _, c := range td.ContainerDefinitions {
		list = append(list, a.imageWanted(*c.Image)...)
	}
	for _, c := range td.ContainerDefinitions {
		list = append(list, a.logsWanted(val(c.LogConfiguration))...)
	}
	return list
}

func (a *Account) secretsWanted(c types.ContainerDefinition) []wanted {
	var list []wanted
	for _, s := range c.Secrets {
		if arnService(*s.ValueFrom) == "secretsmanager" {
			list = append(list, unreachableSecrets("secretsmanager", "unable to retrieve secret from asm", "AWS Secrets Manager"))
		} else {
			list = append(list, unreachableSecrets("ssm", "unable to retrieve secrets from ssm", "AWS Systems Manager Parameter Store"))
		}
	}
	if c.RepositoryCredentials != nil {
		list = append(list, unreachableSecrets("secretsmanager", "unable to retrieve secret from asm", "AWS Secrets Manager"))
	}
	return list
}

func unreachableSecrets(service, what, title string) wanted {
	return wanted{service, cannotStart("ResourceInitializationError: unable to pull secrets or registry auth: %s: "+
		"There is a connection issue between the task and %s. Check your task network configuration.", what, title)}
}

func (a *Account) imageWanted(image string) []wanted {
	const noManifest = "CannotPullContainerError: pull image manifest has been retried 5 time(s): " +
		"failed to resolve ref %s: failed to do request: dial tcp: i/o timeout"
	if !a.isECRHere(image) {
		return []wanted{{"", cannotStart(noManifest, image)}}
	}
	return []wanted{
		{"ecr.dkr", cannotStart(noManifest, image)},
		{"s3", cannotStart("CannotPullContainerError: image Pull Failed: failed to copy: httpReadSeeker: failed open: failed to do "+
			"request: Get \"https://prod-%s-starport-layer-bucket.s3.%s.amazonaws.com\": dial tcp: i/o timeout", a.Region, a.Region)},
	}
}

func (a *Account) logsWanted(l types.LogConfiguration) []wanted {
	region := l.Options["awslogs-region"]
	if l.LogDriver != types.LogDriverAwslogs {
		return nil
	}
	w := wanted{"logs", cannotStart("ResourceInitializationError: failed to validate logger args: create stream has been retried "+
		"1 times: failed to create Cloudwatch log stream: RequestError: send request failed caused by: "+
		"Post \"https://logs.%s.amazonaws.com/\": dial tcp: i/o timeout : exit status 1", region)}
	if region != a.Region {
		w.service = ""
	}
	return []wanted{w}
}

// isECRHere tells whether an image is in a private registry of this region: its
// VPC endpoints lead to no other.
func (a *Account) isECRHere(image string) bool {
	host, _, _ := strings.Cut(image, "/")
	return strings.Contains(host, ".dkr.ecr."+a.Region+".amazonaws.com")
}

// reachesService tells whether a task in that subnet reaches a service of AWS's, or the
// internet. Private DNS leads it to the interface endpoint where there is one,
// even where that lets nobody in.
func (a *Account) reachesService(subnet string, n types.AwsVpcConfiguration, service string) bool {
	s := val(a.Subnets.Get(subnet))
	if service != "" {
		if e := a.interfaceEndpoint(str(s.VpcId), service); e != nil {
			return a.entersEndpoint(e, s, n.SecurityGroups)
		}
		if a.throughGateway(subnet, service) && a.letsOut(n.SecurityGroups, func(r *ec2types.SecurityGroupRule) bool {
			return str(r.PrefixListId) == a.prefixList(service) || anywhere(r.CidrIpv4)
		}) {
			return true
		}
	}
	public := n.AssignPublicIp == types.AssignPublicIpEnabled
	return a.reachesInternet(subnet, public) &&
		a.letsOut(n.SecurityGroups, func(r *ec2types.SecurityGroupRule) bool { return anywhere(r.CidrIpv4) })
}

// entersEndpoint tells whether the groups of a task let it out to an interface
// endpoint and the groups of the endpoint let it in. A fixture without groups is
// open.
func (a *Account) entersEndpoint(e *ec2types.VpcEndpoint, subnet ec2types.Subnet, groups []string) bool {
	vpc := val(a.Vpcs.Get(*e.VpcId)).CidrBlock
	guards := map[string]bool{}
	for _, g := range e.Groups {
		guards[*g.GroupId] = true
	}
	out := a.letsOut(groups, func(r *ec2types.SecurityGroupRule) bool {
		return holds(r.CidrIpv4, vpc) || guards[str(val(r.ReferencedGroupInfo).GroupId)]
	})
	members := map[string]bool{}
	for _, group := range groups {
		members[group] = true
	}
	in := len(guards) == 0
	for group := range guards {
		in = in || a.hasHTTPSRule(group, false, func(r *ec2types.SecurityGroupRule) bool {
			return holds(r.CidrIpv4, subnet.CidrBlock) || members[str(val(r.ReferencedGroupInfo).GroupId)]
		})
	}
	return out && in
}

// letsOut tells whether one of the groups allows HTTPS to a destination.
func (a *Account) letsOut(groups []string, destination func(*ec2types.SecurityGroupRule) bool) bool {
	for _, group := range groups {
		if a.hasHTTPSRule(group, true, destination) {
			return true
		}
	}
	return false
}

// hasHTTPSRule tells whether a group has a rule for HTTPS in that direction with
// a fitting peer.
func (a *Account) hasHTTPSRule(group string, egress bool, peer func(*ec2types.SecurityGroupRule) bool) bool {
	for _, rule := range a.rulesOf(group) {
		if val(rule.IsEgress) == egress && coversHTTPS(rule.IpProtocol, rule.FromPort, rule.ToPort) && peer(rule) {
			return true
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

// holds tells whether a range holds all of another one.
func holds(cidr, inner *string) bool {
	outer, err := netip.ParsePrefix(str(cidr))
	small, err2 := netip.ParsePrefix(str(inner))
	return err == nil && err2 == nil && outer.Bits() <= small.Bits() && outer.Contains(small.Addr())
}

// Reaches tells whether every running task of one service may open TCP
// connections to a port of every running task of another, as far as the security
// groups of both say. It is false where either has no running task.
func (a *Account) Reaches(cluster, from, to string, port int) bool {
	clients, servers := a.runningTasks(cluster, from), a.runningTasks(cluster, to)
	for _, client := range clients {
		for _, server := range servers {
			if !a.mayConnect(client, server, int32(port)) {
				return false
			}
		}
	}
	return len(clients) > 0 && len(servers) > 0
}

func (a *Account) mayConnect(client, server *Task, port int32) bool {
	allows := func(r *ec2types.SecurityGroupRule, egress bool, peer *Task) bool {
		return val(r.IsEgress) == egress && covers(r, "tcp", port) &&
			(namesGroup(r, peer.Network.SecurityGroups) || holds(r.CidrIpv4, ptr(privateAddress(peer)+"/32")))
	}
	return a.anyRule(client.Network.SecurityGroups, func(r *ec2types.SecurityGroupRule) bool { return allows(r, true, server) }) &&
		a.anyRule(server.Network.SecurityGroups, func(r *ec2types.SecurityGroupRule) bool { return allows(r, false, client) })
}

func (a *Account) reachesInternet(subnet string, public bool) bool {
	table := a.routeTableOf(subnet)
	if table == nil {
		return false
	}
	for _, r := range table.Routes {
		if str(r.DestinationCidrBlock) != "0.0.0.0/0" || r.State == ec2types.RouteStateBlackhole {
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
