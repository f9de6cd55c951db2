package resource

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// zone is the hosted zone of example.com, which is made if it is not there.
func (w *world) zone() string {
	w.Helper()
	got, err := route53.NewFromConfig(w.sim.Config()).ListHostedZonesByName(w.Context(), &route53.ListHostedZonesByNameInput{
		DNSName: aws.String("example.com"),
	})
	if err != nil {
		w.Fatal(err)
	}
	if len(got.HostedZones) > 0 {
		return zoneID(*got.HostedZones[0].Id)
	}
	var id string
	w.sim.Mutate(func(a *simulator.Account) { id = a.PutHostedZone("example.com") })
	return id
}

func (w *world) wantedCertificate() *spec.Certificate {
	w.Helper()
	return &spec.Certificate{
		DomainName: "www.example.com", SubjectAlternativeNames: []string{"*.example.com", "example.com"},
		HostedZoneID: w.zone(), Tags: []spec.Tag{{Key: "a", Value: "1"}},
	}
}

// records are the names of the records in a zone, but for its own two.
func (w *world) records(zone string) []string {
	w.Helper()
	var out []string
	w.sim.Mutate(func(a *simulator.Account) {
		for key, r := range a.Records.All() {
			if strings.HasPrefix(key, zone+" ") && r.Type != "NS" && r.Type != "SOA" {
				out = append(out, string(r.Type)+" "+recordName(*r.Name))
			}
		}
	})
	slices.Sort(out)
	return out
}

func TestACertificateBringsItsRecordsAndTakesThemAway(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	live := w.make(w.one("certificate/www.example.com", w.wantedCertificate()))
	// *.example.com and example.com share one.
	if got := w.records(w.zone()); len(got) != 2 || !strings.HasPrefix(got[0], "CNAME _") {
		t.Errorf("the zone has %v", got)
	}
	if err := w.account().Kind(spec.CertificateKind).Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	if got := w.records(w.zone()); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

func TestRecordsThatAnotherCertificateNeedsStay(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	live := w.make(w.one("certificate/www.example.com", w.wantedCertificate()))
	w.sim.Mutate(func(a *simulator.Account) {
		a.Certificates.Edit(a.PutCertificate("*.example.com")).KeyAlgorithm = types.KeyAlgorithmEcPrime256v1
	})
	if err := w.account().Kind(spec.CertificateKind).Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	if got := w.records(w.zone()); len(got) != 1 || strings.Contains(got[0], "www") {
		t.Errorf("left: %v", got)
	}
}

// TestRecordsThatWereThereBeforeStay: a certificate in another region is validated
// and renewed by the same ones.
func TestRecordsThatWereThereBeforeStay(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	elsewhere := w.make(w.one("certificate/www.example.com", w.wantedCertificate()))
	w.sim.Mutate(func(a *simulator.Account) {
		a.Certificates.Delete(elsewhere.Attrs["arn"])
		a.Tags.Delete(elsewhere.Attrs["arn"])
	})
	before := w.records(w.zone())
	live := w.make(w.one("certificate/www.example.com", w.wantedCertificate()))
	if err := w.account().Kind(spec.CertificateKind).Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	if got := w.records(w.zone()); !slices.Equal(got, before) || len(got) != 2 {
		t.Errorf("left: %v of %v", got, before)
	}
}

func TestOneRecordThatWasThereBeforeKeepsTheOthers(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	elsewhere := w.make(w.one("certificate/www.example.com", w.wantedCertificate()))
	w.sim.Mutate(func(a *simulator.Account) {
		a.Certificates.Delete(elsewhere.Attrs["arn"])
		a.Tags.Delete(elsewhere.Attrs["arn"])
		for key, r := range a.Records.All() {
			if r.Type == "CNAME" && strings.Contains(*r.Name, "www.") {
				a.Records.Delete(key)
			}
		}
	})
	live := w.make(w.one("certificate/www.example.com", w.wantedCertificate()))
	if err := w.account().Kind(spec.CertificateKind).Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	if got := w.records(w.zone()); len(got) != 2 {
		t.Errorf("left: %v", got)
	}
}

func TestACertificateIsReadAsACMWritesIt(t *testing.T) {
	got := certificateSpec(types.CertificateDetail{
		DomainName: aws.String("Example.com"), KeyAlgorithm: "RSA-2048", SubjectAlternativeNames: []string{"example.com", "*.Example.com"},
	})
	want := &spec.Certificate{DomainName: "example.com", KeyAlgorithm: "RSA_2048", SubjectAlternativeNames: []string{"*.example.com"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestACertificateIsFoundBeforeTheTaggingAPIKnowsIt(t *testing.T) {
	for _, o := range []simulator.Options{{}, {PageSize: 1}, {TagDelay: 100}} {
		w := newWorld(t, o)
		s := w.wantedCertificate()
		s.KeyAlgorithm = "EC_prime256v1"
		want := w.stack(&plan.Resource{Address: address("certificate/www.example.com"), Spec: s})
		w.sim.Mutate(func(a *simulator.Account) { a.PutCertificate("www.example.com") })
		live := w.make(w.ready(want.Resources[0], nil))
		got := w.read(want).Find(live.Address)
		if got == nil || got.Attrs["arn"] != live.Attrs["arn"] {
			t.Errorf("%+v: found %v", o, got)
			continue
		}
		w.same(got, s)
		w.settled(got, want.Resources[0])
	}
}

// TestACertificateThatCannotBeIssuedLeadsToAnother: ACM never issues it after all.
func TestACertificateThatCannotBeIssuedLeadsToAnother(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(&plan.Resource{Address: address("certificate/www.example.com"), Spec: w.wantedCertificate()})
	failed := w.make(w.ready(want.Resources[0], nil))
	w.sim.Mutate(func(a *simulator.Account) {
		a.Certificates.Edit(failed.Attrs["arn"]).Status = types.CertificateStatusValidationTimedOut
	})
	live := w.read(want)
	if live.Find(failed.Address) != nil {
		t.Error("it is taken for one that works")
	}
	if len(live.Resources) != 1 || !strings.Contains(live.Resources[0].Address.Name, plan.LeftBehind) {
		t.Errorf("found %v", addresses(live))
	}
	if _, err := w.account().Kind(spec.CertificateKind).Read(t.Context(), w.ready(want.Resources[0], nil)); !errors.Is(err, plan.ErrNotFound) {
		t.Errorf("alone it reads %v", err)
	}
}

func TestACertificateThatDoesNotComeSaysWhatToLookAt(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	// The records are written into a zone that nobody asks.
	s := w.wantedCertificate()
	w.sim.Mutate(func(a *simulator.Account) { a.HostedZones.Edit(s.HostedZoneID).Config.PrivateZone = true })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.sim.Fail(simulator.Fault{Operation: "DescribeCertificate", At: 30, Err: context.Canceled, Do: cancel})
	kind := w.account().Kind(spec.CertificateKind)
	want := w.one("certificate/www.example.com", s)
	attrs, err := kind.Create(ctx, want)
	if !errors.Is(err, context.Canceled) || attrs["arn"] == "" {
		t.Fatalf("it returns %v and says %v", attrs, err)
	}
	for _, part := range []string{"the certificate for www.example.com is not issued yet", " CNAME _", "in hosted zone " + s.HostedZoneID} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
	w.sim.Mutate(func(a *simulator.Account) { a.HostedZones.Edit(s.HostedZoneID).Config.PrivateZone = false })
	live, err := kind.Read(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if applied := plan.ParseApplied(live.Tags[plan.TagSpec]); !applied.Pending {
		t.Errorf("meanwhile it says %+v", applied)
	}
	if attrs, err = kind.Update(t.Context(), live, want, false); err != nil {
		t.Fatal(err)
	}
	w.look("resumed", kind, want, attrs)
}

func TestACertificateInUseIsWaitedFor(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	live := w.make(w.one("certificate/www.example.com", w.wantedCertificate()))
	inUse := &types.ResourceInUseException{Message: aws.String("the certificate is in use")}
	w.sim.Fail(simulator.Fault{Operation: "DeleteCertificate", Times: 3, Err: inUse})
	if err := w.account().Kind(spec.CertificateKind).Delete(t.Context(), live); err != nil {
		t.Error(err)
	}
}
