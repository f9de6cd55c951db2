package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func (p possessing) detach(role, policy string) error {
	_, err := p.iam.DetachRolePolicy(p.t.Context(), &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: &policy})
	return err
}

func (p possessing) bound(role, policy string) error {
	_, err := p.iam.PutRolePermissionsBoundary(p.t.Context(), &iam.PutRolePermissionsBoundaryInput{RoleName: &role, PermissionsBoundary: &policy})
	return err
}

func TestTheWitnessSeesRightsThatAreTaken(t *testing.T) {
	const s3 = "the right to s3:GetObject on *"
	dropped := func(p possessing) error {
		_, err := p.iam.DeleteRolePolicy(p.t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String("execution"), PolicyName: aws.String("allowed")})
		return err
	}
	watch(t, possess(t), []taking[possessing]{
		{"more actions", "", func(p possessing) error { p.permit("S3:*", "elasticfilesystem:*"); return nil }},
		{"a pattern of actions that has it", "", func(p possessing) error { p.permit("s3:Get*", "elasticfilesystem:*"); return nil }},
		{"a pattern of actions that has it not", s3, func(p possessing) error { p.permit("s3:List*", "elasticfilesystem:*"); return nil }},
		{"fewer of the actions of a pattern", "the right to elasticfilesystem:* on *", func(p possessing) error {
			p.permit("s3:GetObject", "elasticfilesystem:Client*")
			return nil
		}},
		{"fewer resources", s3, func(p possessing) error {
			p.say("task", "own", `"Effect":"Allow","Action":["s3:*","elasticfilesystem:*"],"Resource":"arn:aws:s3:::shop/*"`)
			return nil
		}},
		{"a condition", s3, func(p possessing) error {
			p.say("task", "own", `"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`)
			return nil
		}},
		{"all but others", "", func(p possessing) error {
			p.say("task", "denied", `"Effect":"Deny","NotAction":["s3:Get*","elasticfilesystem:*"],"Resource":"*"`)
			p.say("task", "own", `"Effect":"Allow","NotAction":["iam:*","s3:Put*"],"Resource":"*"`)
			return nil
		}},
		{"all but it", s3, func(p possessing) error {
			p.say("task", "own", `"Effect":"Allow","NotAction":"s3:*","Resource":"*"`)
			return nil
		}},
		{"a Deny", s3, func(p possessing) error { return p.deny("task", `"Action":"s3:*","Resource":"arn:aws:s3:::shop/*"`) }},
		{"a Deny of others", "", func(p possessing) error { return p.deny("task", `"Action":"s3:Put*","Resource":"*"`) }},
		{"a Deny under a condition", "", func(p possessing) error {
			return p.deny("task", `"Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}`)
		}},
		{"a managed policy in its place", "", func(p possessing) error {
			must(p.iam.AttachRolePolicy(p.t.Context(), &iam.AttachRolePolicyInput{
				RoleName: aws.String("task"), PolicyArn: aws.String("arn:aws:iam::aws:policy/PowerUserAccess"),
			}))(p.t)
			_, err := p.iam.DeleteRolePolicy(p.t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String("task"), PolicyName: aws.String("own")})
			return err
		}},
		{"a managed policy that is not known", "the policy arn:aws:iam::aws:policy/AmazonS3FullAccess of its role", func(p possessing) error {
			const policy = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
			must(p.iam.AttachRolePolicy(p.t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("task"), PolicyArn: aws.String(policy)}))(p.t)
			return p.detach("task", policy)
		}},
		{"the execution role's policy, which another one covers", "", func(p possessing) error { return p.detach("execution", executionPolicy) }},
		{"the execution role's policies", "the right of its execution role to logs:PutLogEvents on arn:aws:logs:", func(p possessing) error {
			if err := p.detach("execution", executionPolicy); err != nil {
				return err
			}
			return dropped(p)
		}},
		{"the execution role's right to the secrets", "the secret /shop/key", dropped},
		{"a Deny of logs", "to logs:CreateLogStream on", func(p possessing) error {
			return p.deny("execution", `"Action":"logs:*","Resource":"*"`)
		}},
		{"a Deny to the execution role of what it does not need", "", func(p possessing) error {
			return p.deny("execution", `"Action":"s3:*","Resource":"*"`)
		}},
		{"a boundary", "the permissions boundary leaves out of the role", func(p possessing) error {
			return p.bound("execution", "arn:aws:iam::123456789012:policy/own")
		}},
		{"a boundary that allows everything", "", func(p possessing) error {
			return p.bound("task", "arn:aws:iam::aws:policy/AdministratorAccess")
		}},
	})
}

// deny adds a policy of one Deny to a role.
func (p possessing) deny(role, rest string) error {
	p.say(role, "denied", `"Effect":"Deny",`+rest)
	return nil
}

func TestPatternsAreCompared(t *testing.T) {
	for _, c := range []struct {
		pattern, other  string
		includes, meets bool
	}{
		{"*", "s3:*", true, true},
		{"s3:*", "*", false, true},
		{"s3:Get*", "s3:GetObject", true, true},
		{"s3:GetObject", "s3:Get*", false, true},
		{"s3:Get*", "s3:*Object", false, true},
		{"s3:Get*", "s3:Put*", false, false},
		{"a?c", "abc", true, true},
		{"a?c", "a*c", false, true},
		{"a*c", "a?c", true, true},
		{"a?", "a", false, false},
		{"*a*", "*ba*b", true, true},
		{"*a", "b*", false, true},
		{"a", "*", false, true},
		{"", "*", false, true},
		{"a*b", "b*a", false, false},
	} {
		if got := simulator.GlobIncludes(c.pattern, c.other); got != c.includes {
			t.Errorf("%s includes %s: %t", c.pattern, c.other, got)
		}
		if simulator.GlobsMeet(c.pattern, c.other) != c.meets || simulator.GlobsMeet(c.other, c.pattern) != c.meets {
			t.Errorf("%s meets %s: %t", c.pattern, c.other, !c.meets)
		}
	}
}
