package resource

import (
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// storage makes a file system once, and returns its id.
func (w *world) storage() string {
	w.Helper()
	want := w.one("file-system/shop", &spec.FileSystem{Name: "shop", Encrypted: true, ThroughputMode: "elastic"})
	attrs, err := w.account().Kind(spec.FileSystemKind).Create(w.Context(), want) // or finds the one that is there
	if err != nil {
		w.Fatal(err)
	}
	return attrs["id"]
}

var storageLives = []life{
	{
		address: "file-system/shop",
		first: func(*world) any {
			return &spec.FileSystem{Name: "shop", Encrypted: true, ThroughputMode: "elastic", Backup: true, TransitionToIA: "AFTER_30_DAYS",
				Tags: []spec.Tag{{Key: "a", Value: "1"}}}
		},
		changes: map[string]func(*world, any){
			"backup": edit(func(_ *world, s *spec.FileSystem) { s.Backup = false }),
			"lifecycle": edit(func(_ *world, s *spec.FileSystem) {
				s.TransitionToArchive, s.TransitionToPrimary = "AFTER_90_DAYS", "AFTER_1_ACCESS"
			}),
			"no lifecycle": edit(func(_ *world, s *spec.FileSystem) {
				s.TransitionToIA, s.TransitionToArchive, s.TransitionToPrimary = "", "", ""
			}),
			"policy": edit(func(_ *world, s *spec.FileSystem) {
				s.FileSystemPolicy = &spec.Policy{Statement: []spec.Statement{{
					Sid: "Encrypted", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}}, Action: []string{"*"},
					Condition: map[string]map[string][]plan.Value{"Bool": {"aws:SecureTransport": {plan.Literal("false")}}},
				}}}
			}),
			"throughput":  edit(func(_ *world, s *spec.FileSystem) { s.ThroughputMode, s.Provisioned = "bursting", 0 }),
			"provisioned": edit(func(_ *world, s *spec.FileSystem) { s.ThroughputMode, s.Provisioned = "provisioned", 2 }),
			"tags":        edit(func(_ *world, s *spec.FileSystem) { s.Tags = nil }),
		},
	},
	{
		address: "access-point/data",
		shared:  true, // several may lead to one directory
		first: func(w *world) any {
			return &spec.AccessPoint{FileSystemID: plan.Literal(w.storage()), Path: "/data",
				Owner: &spec.PathOwner{UID: 999, GID: 999, Permissions: "0755"}, Tags: []spec.Tag{{Key: "a", Value: "1"}}}
		},
		changes: map[string]func(*world, any){
			"tags": edit(func(_ *world, s *spec.AccessPoint) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
}

// mount makes a mount target in the first zone.
func (w *world) mount(fileSystem, group string) *plan.Resource {
	w.Helper()
	want := w.one("mount-target/us-east-1a", &spec.MountTarget{
		FileSystemID: plan.Literal(fileSystem), SubnetID: w.subnetIn("us-east-1a"), SecurityGroups: []plan.Value{plan.Literal(group)}})
	kind := w.account().Kind(spec.MountTargetKind)
	if _, err := kind.Create(w.Context(), want); err != nil {
		w.Fatal(err)
	}
	live, err := kind.Read(w.Context(), want)
	if err != nil {
		w.Fatal(err)
	}
	return live
}

func (w *world) subnetIn(zone string) string {
	w.Helper()
	for _, id := range w.facts.Subnets {
		if w.facts.Zones[id] == zone {
			return id
		}
	}
	w.Fatalf("no subnet in %s: %v", zone, w.facts.Zones)
	return ""
}

// TestAFileSystemGoesAfterItsMountTargets although those take their time.
func TestAFileSystemGoesAfterItsMountTargets(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	id := w.storage()
	target := w.mount(id, w.defaultGroup())
	system := w.read(w.stack()).Find(address("file-system/shop"))
	for _, r := range []*plan.Resource{target, system} {
		for range 2 {
			if err := w.account().Kind(r.Address.Kind).Delete(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if live := w.read(w.stack()); len(live.Resources) > 0 {
		t.Errorf("left: %v", addresses(live))
	}
}

func (w *world) defaultGroup() (id string) {
	w.Helper()
	w.sim.Mutate(func(a *simulator.Account) {
		for found, group := range a.SecurityGroups.All() {
			if *group.GroupName == "default" {
				id = found
			}
		}
	})
	return id
}
