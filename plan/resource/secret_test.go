package resource

import (
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

var secretLives = []life{
	{
		address: "parameter/db",
		first: func(*world) any {
			return &spec.Parameter{Name: "/compose2fargate/shop/db/0a1b2c3d", Description: "Secret db", Tags: []spec.Tag{{Key: "a", Value: "1"}}}
		},
		changes: map[string]func(*world, any){
			"description": edit(func(_ *world, s *spec.Parameter) { s.Description = "another" }),
			"key":         edit(func(_ *world, s *spec.Parameter) { s.KeyID = "alias/shop" }),
			"tags":        edit(func(_ *world, s *spec.Parameter) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
	{
		address: "secret/db",
		first: func(*world) any {
			return &spec.Secret{Name: "compose2fargate/shop/db/0a1b2c3d", Description: "Secret db", Tags: []spec.Tag{{Key: "a", Value: "1"}}}
		},
		changes: map[string]func(*world, any){
			"description": edit(func(_ *world, s *spec.Secret) { s.Description = "another" }),
			"key":         edit(func(_ *world, s *spec.Secret) { s.KmsKeyID = "alias/shop" }),
			"tags":        edit(func(_ *world, s *spec.Secret) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
}

func TestASecretWithoutAValueIsNotMade(t *testing.T) {
	for _, l := range secretLives {
		w := newWorld(t, simulator.Options{})
		want := w.one(l.address, l.first(w))
		want.Payload = nil
		_, err := w.account().Kind(want.Address.Kind).Create(t.Context(), want)
		if err == nil || !strings.Contains(err.Error(), "not known") || len(w.writes()) > 0 {
			t.Errorf("%s: %v, wrote %v", l.address, err, w.writes())
		}
	}
}

// TestASecretThatComesBackIsRestored within the time in which its deletion can
// be taken back.
func TestASecretThatComesBackIsRestored(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	kind := w.account().Kind(spec.SecretKind)
	want := w.one(secretLives[1].address, secretLives[1].first(w))
	first := w.create(kind, want)
	if err := kind.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if live := w.read(w.stack()); live.Find(want.Address) != nil {
		t.Error("it is still there")
	}
	again := w.create(kind, want)
	if again.Attrs["arn"] != first.Attrs["arn"] {
		t.Errorf("%s became %s", first.Attrs["arn"], again.Attrs["arn"])
	}
	w.same(again, want.Spec)
}
