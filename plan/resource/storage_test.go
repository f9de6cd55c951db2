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
			"backup":       edit(func(_ *world, s *spec.FileSystem) { s.Backup = false }),
			"lifecycle":    edit(func(_ *world, s *spec.FileSystem) { s.TransitionToPrimary = "AFTER_1_ACCESS" }),
			"no lifecycle": edit(func(_ *world, s *spec.FileSystem) { s.TransitionToIA, s.TransitionToPrimary = "", "" }),
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

// TestStorageIsReadWhole: what is below a file system of the project is found
// with it, whatever is wanted.
func TestStorageIsReadWhole(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	id := plan.Literal(w.storage())
	group := w.create(w.account().Kind(spec.SecurityGroupKind), w.one("security-group/efs", w.securityGroup("shop-efs-abcdef")))
	w.mount(id.Text, group.Attrs["id"])
	w.create(w.account().Kind(spec.AccessPointKind), w.one("access-point/data", &spec.AccessPoint{FileSystemID: id, Path: "/data"}))
	live := w.read(w.stack())
	for _, a := range []string{"file-system/shop", "mount-target/us-east-1a", "access-point/data"} {
		r := live.Find(address(a))
		if r == nil {
			t.Errorf("%s is not found", a)
			continue
		}
		if owner, _ := r.Owner("shop"); owner != plan.Ours {
			t.Errorf("%s is not ours", a)
		}
	}
}

// TestAMountTargetIsBroughtToOtherGroups bears no tags, so that it has no place
// among the lives of the kinds that do.
func TestAMountTargetIsBroughtToOtherGroups(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	group := w.create(w.account().Kind(spec.SecurityGroupKind), w.one("security-group/efs", w.securityGroup("shop-efs-abcdef")))
	want := w.one("mount-target/us-east-1a", &spec.MountTarget{
		FileSystemID: plan.Literal(w.storage()), SubnetID: w.subnetIn("us-east-1a"), SecurityGroups: []plan.Value{plan.Literal(w.defaultGroup())}})
	kind := w.account().Kind(spec.MountTargetKind)
	for range 2 { // the second time it is there already
		if _, err := kind.Create(t.Context(), want); err != nil {
			t.Fatal(err)
		}
	}
	live, err := kind.Read(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	w.same(live, want.Spec)
	next := w.one("mount-target/us-east-1a", plan.Map(want.Spec, func(v plan.Value) plan.Value { return v }))
	next.Spec.(*spec.MountTarget).SecurityGroups = []plan.Value{plan.Literal(group.Attrs["id"])}
	if _, err := kind.Update(t.Context(), live, next, false); err != nil {
		t.Fatal(err)
	}
	if live, err = kind.Read(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	w.same(live, next.Spec)
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
