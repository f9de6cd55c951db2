package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// mostGroups are the quotas of Application Load Balancers: unique target groups
// of one, and target groups of one action. Network Load Balancers take several of
// an action since November 2025 (AWS Networking blog, "Network Load Balancers now
// support Weighted Target Groups"); that the quota holds for them is a guess.
const (
	mostGroupsOfBalancer = 100
	mostGroupsOfAction   = 5
)

// checkActions refuses what AWS refuses in the actions of a listener or rule and
// returns them as AWS answers them.
func (a *Account) checkActions(b *LoadBalancer, p types.ProtocolEnum, asked []types.Action) ([]types.Action, error) {
	if len(asked) == 0 {
		return nil, elbInvalid("At least one action must be specified")
	}
	if len(asked) > 1 {
		// Several actions begin with one that authenticates.
		return nil, elbInvalid("The simulator knows one action only, not %d", len(asked))
	}
	action := clone(asked[0])
	if b.Type == types.LoadBalancerTypeEnumNetwork && action.Type != types.ActionTypeEnumForward {
		return nil, badAction("The action type '%s' is not valid with network load balancer", action.Type)
	}
	var err error
	switch action.Type {
	case types.ActionTypeEnumForward:
		err = a.checkForward(b, p, &action)
	case types.ActionTypeEnumRedirect:
		err = checkRedirect(p, &action)
	case types.ActionTypeEnumFixedResponse:
		err = checkFixedResponse(&action)
	default:
		err = elbInvalid("The simulator does not know actions of type '%s'", action.Type)
	}
	return []types.Action{action}, err
}

func badAction(format string, args ...any) error {
	return &types.InvalidLoadBalancerActionException{Message: ptr(fmt.Sprintf(format, args...))}
}

// checkForward gives the action its two forms: the target group alone, where
// there is one, and the list of them.
func (a *Account) checkForward(b *LoadBalancer, p types.ProtocolEnum, action *types.Action) error {
	groups := forwarded([]types.Action{*action})
	switch {
	case action.FixedResponseConfig != nil || action.RedirectConfig != nil:
		return badAction("A forward action must have a target group only")
	case len(groups) == 0:
		return badAction("A target group must be specified for a forward action")
	case action.TargetGroupArn != nil && action.ForwardConfig != nil && !slices.Equal(groups, []string{*action.TargetGroupArn}):
		return badAction("The target group of a forward action must be the one of its configuration")
	case len(groups) > mostGroupsOfAction:
		return badAction("An action has too many target groups: %d", len(groups))
	}
	for _, group := range groups {
		if err := a.checkForwarded(b, p, group); err != nil {
			return err
		}
	}
	config := val(action.ForwardConfig)
	if config.TargetGroups == nil {
		config.TargetGroups = []types.TargetGroupTuple{{TargetGroupArn: action.TargetGroupArn}}
	}
	if b.Type == types.LoadBalancerTypeEnumApplication || len(groups) > 1 {
		for i := range config.TargetGroups {
			config.TargetGroups[i].Weight = orElse(config.TargetGroups[i].Weight, 1)
		}
		config.TargetGroupStickinessConfig = orElse(config.TargetGroupStickinessConfig, types.TargetGroupStickinessConfig{Enabled: ptr(false)})
	}
	action.ForwardConfig = &config
	if len(groups) == 1 {
		action.TargetGroupArn = &groups[0]
	}
	return nil
}

// groupProtocolsOf are the protocols of the target groups that a listener may
// forward to (guides, "Create a listener").
var groupProtocolsOf = map[types.ProtocolEnum][]types.ProtocolEnum{
	types.ProtocolEnumHttp:   {types.ProtocolEnumHttp, types.ProtocolEnumHttps},
	types.ProtocolEnumHttps:  {types.ProtocolEnumHttp, types.ProtocolEnumHttps},
	types.ProtocolEnumTcp:    {types.ProtocolEnumTcp, types.ProtocolEnumTcpUdp},
	types.ProtocolEnumTls:    {types.ProtocolEnumTcp, types.ProtocolEnumTls},
	types.ProtocolEnumUdp:    {types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp},
	types.ProtocolEnumTcpUdp: {types.ProtocolEnumTcpUdp},
}

func (a *Account) checkForwarded(b *LoadBalancer, p types.ProtocolEnum, arn string) error {
	g, err := a.targetGroup(&arn)
	switch {
	case err != nil:
		return err
	case *g.VpcId != *b.VpcId:
		return elbMisconfigured("The following target groups are in a different VPC than load balancer '%s': %s", *b.LoadBalancerArn, arn)
	case !slices.Contains(groupProtocolsOf[p], g.Protocol):
		return &types.IncompatibleProtocolsException{Message: ptr(
			"The listener and the following target groups have incompatible protocols: " + arn)}
	case str(g.ProtocolVersion) == "GRPC" && p == types.ProtocolEnumHttp:
		return elbMisconfigured("Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'")
	}
	return nil
}

// forwarded are the target groups that actions name.
func forwarded(actions []types.Action) []string {
	var groups []string
	for _, action := range actions {
		if action.ForwardConfig == nil && action.TargetGroupArn != nil {
			groups = append(groups, *action.TargetGroupArn)
		}
		for _, g := range val(action.ForwardConfig).TargetGroups {
			groups = append(groups, str(g.TargetGroupArn))
		}
	}
	return groups
}

// groupsOfListener are the target groups that a listener and its rules name.
func (a *Account) groupsOfListener(l *Listener) []string {
	groups := forwarded(l.DefaultActions)
	for _, r := range a.rulesOfListener(*l.ListenerArn) {
		groups = append(groups, forwarded(r.Actions)...)
	}
	return groups
}

// checkGroupsOnBalancer keeps each target group with one load balancer, and their
// number on an application one within its quota.
func (a *Account) checkGroupsOnBalancer(b *LoadBalancer, groups []string) error {
	for _, group := range groups {
		for _, other := range a.balancersOf(group) {
			if other != *b.LoadBalancerArn {
				return &types.TargetGroupAssociationLimitException{Message: ptr(
					"The following target groups cannot be associated with more than one load balancer: " + group)}
			}
		}
	}
	if b.Type == types.LoadBalancerTypeEnumNetwork {
		return nil
	}
	unique := map[string]bool{}
	for _, l := range a.listenersOf(*b.LoadBalancerArn) {
		for _, group := range a.groupsOfListener(l) {
			unique[group] = true
		}
	}
	for _, group := range groups {
		unique[group] = true
	}
	if len(unique) > mostGroupsOfBalancer {
		return &types.TooManyUniqueTargetGroupsPerLoadBalancerException{
			Message: ptr(fmt.Sprintf("You've reached the limit on the number of unique target groups of load balancer '%s'", *b.LoadBalancerArn)),
		}
	}
	return nil
}

// portText is a port of a redirect: 1 to 65535 or the one of the request.
var portText = regexp.MustCompile(`^(#\{port\}|[1-9][0-9]{0,4})$`)

// checkRedirect fills the parts that stay as they are in the request.
func checkRedirect(p types.ProtocolEnum, action *types.Action) error {
	if action.RedirectConfig == nil || action.TargetGroupArn != nil || action.ForwardConfig != nil || action.FixedResponseConfig != nil {
		return badAction("A redirect configuration, and nothing else, must be specified for a redirect action")
	}
	c := action.RedirectConfig
	c.Protocol = orElse(c.Protocol, "#{protocol}")
	c.Host = orElse(c.Host, "#{host}")
	c.Port = orElse(c.Port, "#{port}")
	c.Path = orElse(c.Path, "/#{path}")
	c.Query = orElse(c.Query, "#{query}")
	switch {
	case !slices.Contains(c.StatusCode.Values(), c.StatusCode):
		return badAction("The status code '%s' of a redirect must be one of 'HTTP_301, HTTP_302'", c.StatusCode)
	case !slices.Contains([]string{"#{protocol}", "HTTP", "HTTPS"}, *c.Protocol):
		return badAction("The protocol '%s' of a redirect must be one of '#{protocol}, HTTP, HTTPS'", *c.Protocol)
	case !portText.MatchString(*c.Port):
		return badAction("The port '%s' of a redirect must be '#{port}' or between 1 and 65535", *c.Port)
	case !strings.HasPrefix(*c.Path, "/"):
		return badAction("The path '%s' of a redirect must begin with a '/'", *c.Path)
	case p == types.ProtocolEnumHttps && *c.Protocol == "HTTP":
		return badAction("An HTTPS listener cannot redirect to HTTP")
	case (*c.Protocol == "#{protocol}" || *c.Protocol == string(p)) && *c.Host == "#{host}" && *c.Port == "#{port}" && *c.Path == "/#{path}":
		return badAction("The redirect configuration is not valid because it creates a loop.")
	}
	return nil
}

// fixedCode is a status code of a fixed response, and fixedTypes are its content
// types (types.FixedResponseActionConfig).
var (
	fixedCode  = regexp.MustCompile(`^[245]\d\d$`)
	fixedTypes = []string{"", "text/plain", "text/css", "text/html", "application/javascript", "application/json"}
)

func checkFixedResponse(action *types.Action) error {
	c := val(action.FixedResponseConfig)
	switch {
	case action.FixedResponseConfig == nil || action.TargetGroupArn != nil || action.ForwardConfig != nil || action.RedirectConfig != nil:
		return badAction("A fixed response configuration, and nothing else, must be specified for a fixed-response action")
	case !fixedCode.MatchString(str(c.StatusCode)):
		return elbInvalid("The status code '%s' of a fixed response must match '^(2|4|5)\\d\\d$'", str(c.StatusCode))
	case !slices.Contains(fixedTypes, str(c.ContentType)):
		return elbInvalid("The content type '%s' must be one of '%s'", str(c.ContentType), strings.Join(fixedTypes[1:], ", "))
	case len(str(c.MessageBody)) > 1024:
		return elbInvalid("The message body of a fixed response can have at most 1024 characters")
	}
	return nil
}
