package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func encoded(t testing.TB, p *Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// eachCase runs a test with each plan that package render has a picture of; in the
// files a plan has no digest, so that one can be changed by hand.
func eachCase(t *testing.T, run func(t *testing.T, p *Plan)) {
	t.Helper()
	paths, err := filepath.Glob("render/testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) { run(t, readCase(t, name)) })
	}
}

func readCase(t testing.TB, name string) *Plan {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("render/testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var p Plan
	if err := decodeInto(data, &p); err != nil {
		t.Fatal(err)
	}
	if err := p.Seal(); err != nil {
		t.Fatal(err)
	}
	return &p
}

func TestDecodeIsTheInverseOfEncode(t *testing.T) {
	eachCase(t, func(t *testing.T, p *Plan) {
		data := encoded(t, p)
		got, err := Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(p, got); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
		if again := encoded(t, got); !bytes.Equal(data, again) {
			t.Errorf("encoding again gives other bytes:\n%s", again)
		}
	})
}

func TestEncodeWritesWhatPeopleRead(t *testing.T) {
	p := &Plan{Target: Target{Project: "a<b>&c"}, Facts: Facts{Network: "bar \u2028 baz"}}
	text := string(encoded(t, p))
	for _, want := range []string{
		"{\n  \"formatVersion\": \"1.0\",\n  \"kind\": \"compose2fargate.plan\",\n",
		`"project": "a<b>&c"`, `"resources": [],`, `"steps": []`, `"digest": "sha256:`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	const digits = "12345678901234567890.0100"
	p := &Plan{Resources: []*ResourcePlan{{
		Address: Address{"service", "web"},
		Changes: []Change{{Path: []string{"n"}, Op: OpUpdate, From: json.Number(digits), To: map[string]any{"list": []any{json.Number("1e3"), nil, true}}}},
	}}}
	got, err := Decode(bytes.NewReader(encoded(t, p)))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestTheDigestCoversEverythingButItself(t *testing.T) {
	p := readCase(t, "change")
	before := p.Digest
	p.Digest = "something else"
	if err := p.Seal(); err != nil || p.Digest != before {
		t.Errorf("sealed again: %s, %v; want %s", p.Digest, err, before)
	}
	p.Resources[0].Fingerprint += "x"
	if err := p.Seal(); err != nil || p.Digest == before {
		t.Errorf("the digest does not cover fingerprints")
	}
}

// sealed is a document with the digest that it needs, whatever else is wrong.
func sealed(t testing.TB, document map[string]any) string {
	t.Helper()
	digest, err := digestOf(document)
	if err != nil {
		t.Fatal(err)
	}
	document["digest"] = digest
	data, err := marshal(document, "")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// edited is a plan whose JSON was changed by somebody who knows how to compute
// the digest.
func edited(t testing.TB, edit func(map[string]any)) string {
	t.Helper()
	document, err := parseDocument(encoded(t, readCase(t, "resume")))
	if err != nil {
		t.Fatal(err)
	}
	edit(document)
	return sealed(t, document)
}

func step(id, address, verb string, after ...any) map[string]any {
	return map[string]any{"id": id, "address": address, "verb": verb, "after": after}
}

func steps(list ...any) func(map[string]any) {
	return func(d map[string]any) { d["steps"] = list }
}

func TestDecodeRefuses(t *testing.T) {
	whole := string(encoded(t, readCase(t, "resume")))
	for name, c := range map[string]struct{ input, want string }{
		"an empty file":        {" \n", "the plan file is empty"},
		"a file cut off":       {whole[:len(whole)/2], "the plan file is cut off: it ends in the middle"},
		"a file cut to a byte": {whole[:1], "the plan file is cut off: it ends in the middle"},
		"text":                 {"hello", "this is not a plan file: it is not JSON, at byte 1"},
		"two documents":        {whole + whole, "the plan file has data after its end"},
		"a list":               {"[]", "this is not a plan file: it holds no JSON object"},
		"another document":     {`{"kind":"x"}`, `this is not a plan file: its kind is "x", not "compose2fargate.plan"`},
		"a key twice":          {`{"kind":"a","kind":"b"}`, `the plan file has duplicate key "kind" in one object`},
		"a deep document":      {strings.Repeat("[", 200) + strings.Repeat("]", 200), "nested more than 100 levels deep"},
		"a change by hand":     {strings.Replace(whole, `"to": 30`, `"to": 31`, 1), "the plan file was changed after it was written: make a new plan"},
		"another digest":       {strings.Replace(whole, "sha256:", "sha256:0", 1), "the plan file was changed after it was written: make a new plan"},
		"no digest":            {strings.Replace(whole, `"digest": "sha256:`, `"digest": "", "x": "`, 1), "the plan file has no digest"},
		"a later major":        {edited(t, func(d map[string]any) { d["formatVersion"] = "2.0" }), `the plan file has format version "2.0" and this version reads 1.x`},
		"no version":           {edited(t, func(d map[string]any) { delete(d, "formatVersion") }), `the plan file has format version ""`},
		"an unknown field":     {edited(t, func(d map[string]any) { d["extra"] = true }), "it has fields that its format version does not have"},
		"a wrong type":         {edited(t, func(d map[string]any) { d["simulated"] = "yes" }), "this version cannot read the plan file"},
		"a null resource":      {edited(t, func(d map[string]any) { d["resources"] = []any{nil} }), "resource 1 has no address"},
		"a resource twice": {edited(t, func(d map[string]any) {
			list := d["resources"].([]any)
			d["resources"] = append(list, list[0])
		}), "is duplicated"},
		"a wrong step id":     {edited(t, steps(step("web", "service/web", "update"))), `step "web" should be called "service/web#update"`},
		"an unknown verb":     {edited(t, steps(step("service/web#explode", "service/web", "explode"))), `has the verb "explode"`},
		"a hidden step":       {edited(t, steps(step("service/x#delete", "service/x", "delete"))), "changes a resource that is not in the plan"},
		"a hidden barrier":    {edited(t, steps(step("service/web#barrier", "service/web", "barrier"))), "is a barrier, which has no resource"},
		"a step twice":        {edited(t, steps(step("service/web#update", "service/web", "update"), step("service/web#update", "service/web", "update"))), "is duplicated"},
		"a step after none":   {edited(t, steps(step("service/web#update", "service/web", "update", "x#create"))), `waits for "x#create", which is not in the plan`},
		"a step after itself": {edited(t, steps(step("service/web#update", "service/web", "update", "service/web#update"))), "in a circle"},
		"a circle": {edited(t, steps(
			step("service/web#update", "service/web", "update", "service/db#update"),
			step("service/db#update", "service/db", "update", "service/web#update"),
		)), "in a circle"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Decode(strings.NewReader(c.input))
			if err == nil || p != nil {
				t.Fatalf("decoded to %v", p)
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want %q", err, c.want)
			}
		})
	}
}

func TestALaterMinorVersionIsReadAndItsFieldsIgnored(t *testing.T) {
	p, err := Decode(strings.NewReader(edited(t, func(d map[string]any) {
		d["formatVersion"], d["extra"] = "1.7", map[string]any{"n": json.Number("1.50")}
	})))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Steps) == 0 || p.FormatVersion != "1.7" {
		t.Errorf("decoded to %+v", p)
	}
}

func TestAHugeFileIsNotRead(t *testing.T) {
	_, err := Decode(endless{})
	if err == nil || !strings.Contains(err.Error(), "larger than 64 MiB") {
		t.Errorf("error %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestSealRefusesWhatDecodeWould(t *testing.T) {
	p := &Plan{Steps: []Step{{ID: "service/web#update", Address: Address{"service", "web"}, Verb: UpdateVerb}}}
	if err := p.Seal(); err == nil {
		t.Error("a step without its resource was sealed")
	}
}

// TestTheDigestIsThatOfTheWholeDocument compares it with one that is made of the
// document in one piece.
func TestTheDigestIsThatOfTheWholeDocument(t *testing.T) {
	p := readCase(t, "resume")
	document, err := parseDocument(encoded(t, p))
	if err != nil {
		t.Fatal(err)
	}
	rest := maps.Clone(document)
	delete(rest, "digest")
	data, err := marshal(rest, "")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(bytes.TrimSuffix(data, []byte("\n")))
	want := "sha256:" + hex.EncodeToString(sum[:])
	parsed, err := digestOf(document)
	if err != nil || parsed != want || p.Digest != want {
		t.Errorf("the digest is %s, that of the document %s (%v), want %s", p.Digest, parsed, err, want)
	}
}
