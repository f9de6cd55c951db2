package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// canary is how each secret of testdata/canary begins; whole is one of them.
var (
	canary = regexp.MustCompile(`Cnry\d\d`)
	whole  = regexp.MustCompile(`Cnry\d\d[\w-]+`)
)

// leastPlaces is in how many places of the project a secret stands.
const leastPlaces = 80

// canaries copies the project, and returns its directory and its secrets.
func canaries(t *testing.T) (dir string, secrets []string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "canary"))); err != nil {
		t.Fatal(err)
	}
	places, found := 0, map[string]bool{}
	for _, text := range filesBelow(t, dir) {
		all := whole.FindAllString(text, -1)
		places += len(all)
		for _, secret := range all {
			found[secret] = true
		}
	}
	if places += strings.Count(filesBelow(t, dir)[filepath.Join(dir, "compose.yaml")], "${"); places < leastPlaces {
		t.Fatalf("%d places, want %d", places, leastPlaces)
	}
	return dir, slices.Sorted(maps.Keys(found))
}

// filesBelow are the texts of files by name.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(name)
		out[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// leaked are the canaries in a text, each once.
func leaked(text string) []string {
	found := canary.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestNoOutputHoldsASecret(t *testing.T) {
	dir, _ := canaries(t)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	saved := filepath.Join(dir, "plan.json")
	for _, line := range []string{
		"check", "check --format json", "check --format sarif",
		"translate", "translate --format task-definition", "translate --account 123456789012",
		"plan", "plan --full", "plan --format markdown", "plan --format json", "plan --out " + saved,
		"show " + saved, "show --full " + saved, "show --format markdown " + saved, "show --format json " + saved,
		"apply --auto-approve", "status", "status --format json", "plan --force-new-deployment command", "destroy --auto-approve",
	} {
		writes := strings.Contains(line, "--out") || strings.Contains(line, "--auto-approve")
		if !writes && !sample.Takes("canary "+line, 4) { // each hashes every secret slowly, on purpose
			continue
		}
		out, code := onCanary(t, dir, strings.Fields(line))
		if code != 0 {
			t.Errorf("%s ended with %d:\n%s", line, code, out)
		}
		if found := leaked(out); len(found) > 0 {
			t.Errorf("%s shows %s", line, found)
		}
	}
	if text, err := os.ReadFile(saved); err != nil || len(leaked(string(text))) > 0 {
		t.Errorf("the saved plan has %s (%v)", leaked(string(text)), err)
	}
	for name, text := range filesBelow(t, filepath.Join(dir, ".compose2fargate")) {
		text = readable.ReplaceAllString(text, "")
		if found := leaked(text); len(found) > 0 {
			t.Errorf("%s has %s", name, found)
		}
	}
	for name, text := range filesBelow(t, temporary) {
		if found := leaked(text); len(found) > 0 {
			t.Errorf("%s has %s", name, found)
		}
	}
}

// TestNoOutputHoldsAPlainHashOfASecret looks for what tells a short password to whoever hashes
// lists of them: the files of secrets without a salt.
func TestNoOutputHoldsAPlainHashOfASecret(t *testing.T) {
	dir, _ := canaries(t)
	hashes := map[string]string{}
	for name, text := range filesBelow(t, filepath.Join(dir, "conf")) {
		hashes[fmt.Sprintf("%x", sha256.Sum256([]byte(text)))] = filepath.Base(name)
	}
	saved := filepath.Join(dir, "plan.json")
	for _, line := range []string{
		"translate", "plan --full", "plan --format markdown", "plan --format json", "plan --out " + saved, "show --full " + saved, "apply --auto-approve",
	} {
		if !strings.Contains(line, "--out") && !sample.Takes("hashes "+line, 6) { // each hashes every secret slowly, on purpose
			continue
		}
		out, _ := onCanary(t, dir, strings.Fields(line))
		for hash, name := range hashes {
			if strings.Contains(out, hash) {
				t.Errorf("%s shows the hash of %s", line, name)
			}
		}
	}
	text, err := os.ReadFile(saved)
	if err != nil || !strings.Contains(string(text), "/etc/redis.conf") {
		t.Fatalf("the saved plan has no mounted files (%v)", err)
	}
	for hash, name := range hashes {
		if strings.Contains(string(text), hash) {
			t.Errorf("the saved plan has the hash of %s", name)
		}
	}
}

// onCanary runs a command line, and returns all that it writes.
func onCanary(t *testing.T, dir string, args []string) (out string, code int) {
	t.Helper()
	var said bytes.Buffer
	if args[0] != "show" {
		args = append(args, "-f", filepath.Join(dir, "compose.yaml"))
	}
	if args[0] != "translate" && args[0] != "check" && args[0] != "show" {
		args = append(args, "--simulate")
	}
	in := terminal{in: new(bytes.Buffer), out: &said, err: &said, environ: []string{"AWS_REGION=" + caseRegion}}
	code = run(t.Context(), in, args)
	return said.String(), code
}

// readable are the places of which the project says that whoever may describe a task
// definition reads them: they are in the account itself.
var readable = regexp.MustCompile(`Cnry(39|4[03]|42|6[23]|71|02|35)`)

func TestTheAccountHoldsNoMoreThanItMust(t *testing.T) {
	dir, _ := canaries(t)
	e := embed(t, filepath.Join(dir, "compose.yaml"), simulator.Options{VCPUQuota: 100})
	e.mustApply(plan.Scope{})
	for name, manifest := range manifests(t, e) {
		if found := leaked(manifest); len(found) > 0 {
			t.Errorf("the annotations of image %s have %s", name, found)
		}
	}
}

// manifests are those of all images in the account, with their lists of files unpacked.
func manifests(t *testing.T, e *embedded) map[string]string {
	t.Helper()
	out := map[string]string{}
	client := ecr.NewFromConfig(e.fake.Config())
	repositories, err := client.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range repositories.Repositories {
		for _, i := range imagesOf(t, client, *r.RepositoryName) {
			s, _, err := image.Describe([]byte(*i.ImageManifest))
			if err != nil {
				t.Fatal(err)
			}
			out[*r.RepositoryName] = *i.ImageManifest + fmt.Sprintf("%+v", s)
		}
	}
	if len(out) == 0 {
		t.Fatal("no image was pushed")
	}
	return out
}

func imagesOf(t *testing.T, client *ecr.Client, repository string) []types.Image {
	t.Helper()
	listed, err := client.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: &repository})
	if err != nil {
		t.Fatal(err)
	}
	var ids []types.ImageIdentifier
	for _, d := range listed.ImageDetails {
		ids = append(ids, types.ImageIdentifier{ImageDigest: d.ImageDigest})
	}
	got, err := client.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{RepositoryName: &repository, ImageIds: ids})
	if err != nil {
		t.Fatal(err)
	}
	return got.Images
}

// TestNoErrorOfAWSShowsASecret has each writing call of an apply fail with an error that
// quotes all secrets, as a proxy or a validation does, but for those of mounted files, which
// no call has but in the packed layer of an image. No other call than a writing one has any.
func TestNoErrorOfAWSShowsASecret(t *testing.T) {
	dir, secrets := canaries(t)
	inNoCall := []string{"Cnry37-k4Tz9qLw", "Cnry38-k4Tz9qLw", "Cnry66-k4Tz9qLw"} // labels that become no tags, a variable that nothing uses
	for _, text := range filesBelow(t, filepath.Join(dir, "conf")) {
		inNoCall = append(inNoCall, whole.FindAllString(text, -1)...)
	}
	secrets = slices.DeleteFunc(secrets, func(secret string) bool { return slices.Contains(inNoCall, secret) })
	secrets = append(secrets, "password=Cnry02-k4Tz9qLw", `{\"password\":\"Cnry21-k4Tz9qLw\"}`)
	e := embed(t, filepath.Join(dir, "compose.yaml"), simulator.Options{VCPUQuota: 100})
	for at := 1; at < 300; at++ {
		if !sample.Takes(fmt.Sprintf("error of writing call %d", at), 8) {
			continue
		}
		var said bytes.Buffer
		e.fake.Fail(simulator.Fault{Mutating: true, At: at, Times: 1, Err: errors.New("not valid: " + strings.Join(secrets, ", "))})
		s := e.session()
		s.terminal.err = newSink(&said)
		s.terminal.keepSecret(s.project.HiddenValues())
		err := sayTo(t.Context(), s)
		e.fake.ClearFaults()
		if found := leaked(said.String()); len(found) > 0 {
			t.Fatalf("an error of writing call %d shows %s:\n%s", at, found, said.String())
		}
		if err == nil {
			return // there are no more calls
		}
	}
}

// sayTo plans and applies, and says how that ended as a command does.
func sayTo(ctx context.Context, s *session) error {
	p, st, err := s.plan(ctx, plan.Scope{})
	if err == nil {
		err = s.carryOut(ctx, p, st, applyFlags{timeout: time.Minute})
	}
	if err != nil {
		fmt.Fprintln(s.terminal.err, "error:", err)
	}
	return err
}
