package translate

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// corpusSecrets says where in which public stack a secret is found, and what becomes of it:
// never which.
const corpusSecrets = "testdata/corpus-secrets.tsv"

// TestSecretsOfTheCorpus compares where secrets are found in the public stacks with the list,
// which -update writes where all stacks are tried: a row for each variable that is kept by
// AWS, each place that plans mask, and each that is warned of.
func TestSecretsOfTheCorpus(t *testing.T) {
	shared := sharedFolder(t)
	want := listedSecrets(t)
	list, totals := []string{}, map[string]int{}
	translated := 0
	stacks := sample.Of(t, allStacks(t, filepath.Join(shared, "corpus")), 40, stackName)
	for _, o := range stacks {
		name := stackName(o)
		o.Environment = madeUp(t, o)
		o.AllowEnv = sortedKeys(o.Environment)
		found, ok := secretsOfStack(t, o)
		if ok {
			translated++
		}
		for _, place := range found {
			list = append(list, name+"\t"+place)
			totals[strings.Split(place, "\t")[0]]++
		}
		if d := cmp.Diff(want[name], found); d != "" && !*update {
			t.Errorf("%s (-list +found):\n%s", name, d)
		}
	}
	t.Logf("%d of %d stacks are translated: %d values are kept, %d places are masked, %d are warned of",
		translated, len(stacks), totals[kept], totals[maskedPlace], totals[warned])
	if translated >= 20 && totals[kept] == 0 {
		t.Error("nothing is kept")
	}
	if *update && sample.Full() {
		slices.Sort(list)
		if err := os.WriteFile(corpusSecrets, []byte(strings.Join(list, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var (
	unset        = regexp.MustCompile(`\$(?:\{([A-Za-z_]\w*)(?:\}|:?\?)|([A-Za-z_]\w*))`)
	secretByName = regexp.MustCompile(`(?i)(pass|password|passwd|pwd|pw|passphrase|secret|token|key|key_?id|salt|cookie|auth|pepper|license|dsn)$`)
)

// madeUp are values for the variables that a template leaves to whoever uses it: those whose
// names are those of secrets, since a blank secret is none, and those that must be set.
func madeUp(t *testing.T, o Options) map[string]string {
	t.Helper()
	given, err := os.ReadFile(filepath.Join(o.Dir, filepath.Dir(o.Files[0]), ".env"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, file := range o.Files {
		for _, found := range unset.FindAllStringSubmatch(readText(t, filepath.Join(o.Dir, file)), -1) {
			name := found[1] + found[2]
			switch {
			case strings.Contains("\n"+string(given), "\n"+name+"="):
			case secretByName.MatchString(name):
				out[name] = fmt.Sprintf("Made%08xUp", crc32.ChecksumIEEE([]byte(name)))
			case strings.Contains(found[0], "?"):
				out[name] = "value"
			}
		}
	}
	return out
}

// What becomes of a secret.
const (
	kept        = "kept"
	maskedPlace = "masked"
	warned      = "warned"
)

// secretsOfStack are the places of one stack, sorted, nil for one that is refused.
func secretsOfStack(t *testing.T, o Options) (found []string, ok bool) {
	t.Helper()
	p, ds := Load(t.Context(), o)
	if p == nil {
		return nil, false
	}
	stack, more := p.Stack(plan.Facts{}) // as `translate` makes it
	if stack == nil {
		return nil, false
	}
	for _, r := range stack.Resources {
		found = append(found, secretsOfResource(r)...)
	}
	found = append(found, maskedIn(t, stack)...)
	for _, d := range append(ds, more...) {
		if isWarningOfSecrets(d) {
			found = append(found, warned+"\t"+d.Path)
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	for _, place := range found {
		if p.hasHidden(place) {
			t.Errorf("%s: a place has a value in it", o.Files)
		}
	}
	return found, true
}

// secretsOfResource are a value that is kept, and the mounted files that are hidden.
func secretsOfResource(r *plan.Resource) []string {
	switch payload := r.Payload.(type) {
	case string:
		if r.Address.Kind == spec.ParameterKind || r.Address.Kind == spec.SecretKind {
			return []string{kept + "\t" + r.Address.Name}
		}
	case *spec.ImageSource:
		var out []string
		for _, f := range payload.Files {
			if f.Secret {
				out = append(out, maskedPlace+"\t"+r.Address.Name+":"+f.Path)
			}
		}
		return out
	}
	return nil
}

// maskedIn are the places in which a rendering of the stack has something else.
func maskedIn(t *testing.T, stack *plan.Stack) []string {
	t.Helper()
	var out []string
	for _, found := range placeholders([]byte(stackText(t, stack))) {
		if place, ok := strings.CutPrefix(found, "${secret:"); ok {
			out = append(out, maskedPlace+"\t"+strings.TrimSuffix(place, "}"))
		}
	}
	return out
}

// warningOfSecrets is what is said of a secret that somebody may read.
var warningOfSecrets = regexp.MustCompile(`secrets? stands? in|everybody who may pull it can read it|in plain text in the task definition`)

func isWarningOfSecrets(d diag.Diagnostic) bool {
	return d.Severity == diag.Warning && warningOfSecrets.MatchString(d.Summary)
}

// listedSecrets are the rows of the list by stack.
func listedSecrets(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for line := range strings.Lines(readText(t, corpusSecrets)) {
		stack, place, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		out[stack] = append(out[stack], place)
	}
	return out
}

// namesOnly matches a row of the list: a stack, what becomes of a secret in it, and the name
// or path where it stands.
var namesOnly = regexp.MustCompile(`^[\w.-]+__[\w.-]+:[\w./,@ -]+\t(kept|masked|warned)\t[\w./:@\[\]-]+$`)

// TestTheListOfSecretsHoldsNone reads the list alone, without the public stacks.
func TestTheListOfSecretsHoldsNone(t *testing.T) {
	text := readText(t, corpusSecrets)
	if len(text) > 400_000 {
		t.Errorf("the list has %d bytes, and nobody reads that", len(text))
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if !slices.IsSorted(lines) {
		t.Error("the list is not sorted")
	}
	for _, line := range lines {
		place := line[strings.LastIndexByte(line, '\t')+1:]
		if !namesOnly.MatchString(line) || sensitive.Text(place) {
			t.Errorf("more than names stands in %q", line)
		}
	}
}
