package resource

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// expire is a lifecycle policy that keeps a number of images.
func expire(keep int) string {
	return fmt.Sprintf(`{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":%d},"action":{"type":"expire"}}]}`, keep)
}

var repositoryLives = []life{{
	address: "repository/web",
	first: func(*world) any {
		return &spec.Repository{RepositoryName: "shop/web", ScanOnPush: true, LifecyclePolicy: expire(10), Tags: []spec.Tag{{Key: "a", Value: "1"}}}
	},
	changes: map[string]func(*world, any){
		"lifecycle":    edit(func(_ *world, s *spec.Repository) { s.LifecyclePolicy = expire(20) }),
		"no lifecycle": edit(func(_ *world, s *spec.Repository) { s.LifecyclePolicy = "" }),
		"mutability":   edit(func(_ *world, s *spec.Repository) { s.ImageTagMutability = "IMMUTABLE" }),
		"no scan":      edit(func(_ *world, s *spec.Repository) { s.ScanOnPush = false }),
		"tags":         edit(func(_ *world, s *spec.Repository) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
	},
}}

// TestRepositoriesAreFoundAmongThoseThatAreMissing although one missing name makes
// the call for all of them fail, and beside those that nobody wants any more.
func TestRepositoriesAreFoundAmongThoseThatAreMissing(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	kind := w.account().Kind(spec.RepositoryKind)
	var wanted []*plan.Resource
	for i := range 120 {
		name := fmt.Sprintf("s%03d", i)
		r := &plan.Resource{Address: address("repository/" + name), Spec: &spec.Repository{RepositoryName: "shop/" + name}}
		if i != 7 && i != 119 {
			if _, err := kind.Create(t.Context(), w.one(r.Address.String(), r.Spec)); err != nil {
				t.Fatal(err)
			}
		}
		wanted = append(wanted, r)
	}
	w.create(kind, w.one("repository/old", &spec.Repository{RepositoryName: "shop/old"}))
	live := w.read(w.stack(wanted...))
	if n := len(live.Resources); n != 119 {
		t.Errorf("%d are found, want 118 and the old one", n)
	}
	if live.Find(address("repository/old")) == nil || live.Find(address("repository/s007")) != nil {
		t.Errorf("found: %v", addresses(live))
	}
}

// TestAnotherEncryptionIsSomebodysChoice: it cannot be changed, and nobody wants
// all images deleted for it.
func TestAnotherEncryptionIsSomebodysChoice(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(&plan.Resource{Address: address("repository/web"), Spec: &spec.Repository{RepositoryName: "shop/web"}})
	w.mustApply(want)
	w.sim.Mutate(func(a *simulator.Account) {
		a.Repositories.Edit("shop/web").EncryptionConfiguration = &types.EncryptionConfiguration{
			EncryptionType: types.EncryptionTypeKms, KmsKey: aws.String("arn:aws:kms:us-east-1:123456789012:key/1"),
		}
	})
	p, err := plan.Diff(spec.Kinds(), w.read(want), want, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Changed() || len(p.Resources) > 0 {
		t.Errorf("it wants %+v", p.Resources[0])
	}
}

// TestARepositoryGoesWithItsImages: it holds data, so that somebody named it.
func TestARepositoryGoesWithItsImages(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	kind := w.account().Kind(spec.RepositoryKind)
	live := w.create(kind, w.one("repository/web", &spec.Repository{RepositoryName: "shop/web"}))
	_, err := ecr.NewFromConfig(w.sim.Config()).PutImage(t.Context(), &ecr.PutImageInput{
		RepositoryName: aws.String("shop/web"), ImageTag: aws.String("1"), ImageManifest: aws.String(`{"schemaVersion": 2}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := kind.Delete(t.Context(), live); err != nil {
		t.Error(err)
	}
}
