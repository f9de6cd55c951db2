package simulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/compose2fargate/compose2fargate/simulator"
)

const aDay = 24 * time.Hour

func TestTheRecoveryWindowOfASecretEnds(t *testing.T) {
	for name, c := range map[string]struct {
		window *int64
		days   int
	}{
		"by default": {nil, 30}, "the least": {aws.Int64(7), 7}, "another": {aws.Int64(12), 12},
	} {
		t.Run(name, func(t *testing.T) {
			options := inFile(t)
			w := newWorld(t, options)
			ctx := t.Context()
			arn := w.secret("shop/password")
			remove := func() {
				t.Helper()
				out := must(w.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &arn, RecoveryWindowInDays: c.window}))(t)
				if days := out.DeletionDate.Sub(w.Now()).Round(time.Hour) / aDay; int(days) != c.days {
					t.Errorf("it says it will be gone in %d days", days)
				}
			}
			remove()
			w.Pass(time.Duration(c.days)*aDay - time.Minute)
			must(w.secrets.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &arn}))(t)
			w.Pass(40 * aDay)
			must(w.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn}))(t)
			remove()
			w.Pass(time.Duration(c.days) * aDay)
			if _, err := w.secrets.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &arn}); code(err) != "ResourceNotFoundException" {
				t.Error("restored after its window:", err)
			}
			if rows := w.Rows(); len(rows["secretsmanager.secrets"]) > 0 || rows["tags"][arn] != nil {
				t.Error("it is still in the account")
			}
			if again := w.secret("shop/password"); again == arn {
				t.Error("the new secret has the ARN of the old one")
			}
		})
	}
}

func TestTheProtectionOfATaskEnds(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	task := *w.onlyTask(types.DesiredStatusRunning).TaskArn
	must(w.ecs.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{
		Cluster: aws.String("shop"), Tasks: []string{task}, ProtectionEnabled: true, ExpiresInMinutes: aws.Int32(60),
	}))(t)
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
	w.Pass(50 * time.Minute)
	if n := len(w.describe("web").Deployments); n != 2 {
		t.Errorf("a protected task was stopped: %d deployments", n)
	}
	w.Pass(15 * time.Minute)
	if n := len(w.describe("web").Deployments); n != 1 {
		t.Errorf("the protection did not end: %d deployments", n)
	}
}

func TestAClientTokenOfRunTaskIsKnownForADay(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("job"))
	in := w.job()
	in.ClientToken = aws.String("once")
	run := func() string { return *must(w.ecs.RunTask(t.Context(), in))(t).Tasks[0].TaskArn }
	first := run()
	w.Pass(30 * time.Minute)
	if again := run(); again != first {
		t.Error("within the hour there is another task:", again)
	}
	w.Pass(2 * time.Hour) // its life and an hour more
	if again := run(); again == first {
		t.Error("it is still the same task")
	}
}

func TestACertificateThatNobodyProvesTimesOut(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, client := t.Context(), acm.NewFromConfig(w.Config())
	in := &acm.RequestCertificateInput{DomainName: aws.String("shop.example.com"), ValidationMethod: acmtypes.ValidationMethodDns, IdempotencyToken: aws.String("shop")}
	request := func() string { return *must(client.RequestCertificate(ctx, in))(t).CertificateArn }
	arn := request()
	w.Pass(30 * time.Minute)
	if again := request(); again != arn {
		t.Error("the same token makes another one within the hour")
	}
	w.Pass(time.Hour)
	if again := request(); again == arn {
		t.Error("the token does not time out")
	}
	status := func() acmtypes.CertificateStatus {
		return must(client.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn}))(t).Certificate.Status
	}
	w.Pass(60 * time.Hour)
	if s := status(); s != acmtypes.CertificateStatusPendingValidation {
		t.Error("before three days it is", s)
	}
	w.Pass(12 * time.Hour)
	if s := status(); s != acmtypes.CertificateStatusValidationTimedOut {
		t.Error("after three days it is", s)
	}
}
