package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/diag"
)

func repeated(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i, i-1, i+1)
	}
	return b.String()
}

// TestWhatHasNoEndIsRefused has files that would take for ever, or all memory, and some
// that only look so. What is wrong is said once, at its place.
func TestWhatHasNoEndIsRefused(t *testing.T) {
	const web = "services: {a: {image: x}}\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"a merge of itself":        {file("services: {a: &a {image: x, <<: *a}}"), []string{"c.yaml:1:33 *a is part of what it stands for, which never ends"}},
		"a list of itself":         {file(web + "x-a: &a [*a]"), []string{"c.yaml:2:10 *a is part of what it stands for, which never ends"}},
		"two of each other":        {file(web + "x-a: &a {b: &b {c: *a}}"), []string{"c.yaml:2:20 *a is part of what it stands for, which never ends"}},
		"an alias beside":          {file(web + "x-a: &a [1]\nx-b: [*a, *a, {<<: {c: *a}}]"), nil},
		"lists in lists":           {file(web + "x-a: " + strings.Repeat("[", 70) + strings.Repeat("]", 70)), []string{"c.yaml:2:70 more than 64 levels within each other"}},
		"nested by aliases":        {file(web + "x-a0: &y0 [1]\n" + repeated(70, "x-a%[3]d: &y%[3]d [*y%[1]d]\n")), []string{"c.yaml:65:14 more than 64 levels within each other"}},
		"63 levels":                {file(web + "x-a: " + strings.Repeat("[", 63) + strings.Repeat("]", 63)), nil},
		"a chain of merges":        {file(web + "x-0: &x0 {a: 1}\n" + chain(40)), []string{"c.yaml:35:13 more than 32 mappings are merged into each other"}},
		"a short chain of merges":  {file(web + "x-0: &x0 {a: 1}\n" + chain(30)), nil},
		"a merge of a text":        {file("services: {a: {image: x, <<: y}}"), []string{"c.yaml:1:26 is a scalar, and only mappings can be merged"}},
		"aliases of aliases":       {file(web + "x-0: &x0 [1, 2]\n" + repeated(30, "x-%[3]d: &x%[3]d [*x%[1]d, *x%[1]d]\n")), []string{"c.yaml:17:7 the file stands for more than 200000 values"}},
		"many documents":           {file(strings.Repeat("x-a: 1\n---\n", 1001) + web), []string{"c.yaml:2000:1 more than 1000 documents in one file"}},
		"documents that add up":    {file(repeated(400, "services: {a%[1]d: {image: x, labels: {a: b}}}\n---\n") + web), []string{"c.yaml:515:12 services.a257: the files stand for more than 200000 values up to here"}},
		"no number":                {file("services: {a: {image: x, cpus: .nan}}"), []string{"c.yaml:1:32 .nan is no number that can be meant"}},
		"a wrong tag":              {file("services: {a: {image: x, cpus: !!int S3cret}}"), []string{"c.yaml:1:32 the value is not of the type that its tag !!int names"}},
		"a key of many":            {file("services: {a: {image: x}}\n? [a]\n: b"), []string{"c.yaml:2:3 a key is a list, must be a string"}},
		"a byte that is no text":   {file("services: {a: {image: \"x\x00\"}}"), []string{"c.yaml:1:25 this is not YAML: byte 0x00 is not allowed"}},
		"a byte of another coding": {file("services:\n  a: {image: \"x\xff\"}"), []string{"c.yaml:2:16 this is not YAML: byte 0xff is not part of a character in UTF-8"}},
		"a secret for an alias":    {file("services: {a: {image: x, environment: {P: *S3cret!}}}"), []string{"c.yaml:1:43 this is not YAML: an alias, a value that begins with *, without an anchor"}},
		"a secret with a dollar":   {file("services: {a: {image: x, environment: ['P=S3${cret']}}"), []string{"c.yaml:1:40 services.a.environment.P: is not valid variable syntax"}},
		"extends itself":           {file("services: {a: {image: x, extends: {file: c.yaml, service: a}}}"), []string{`c.yaml:1:26 services.a.extends: services extend each other in a circle, through "a"`}},
		"extend each other": {
			files("services: {a: {image: x, extends: {file: d.yaml, service: b}}}", "services: {b: {image: x, extends: {file: ./c.yaml, service: a}}}"),
			[]string{`c.yaml:1:26 services.a.extends: services extend each other in a circle, through "b"`},
		},
		"extends its namesake": {files("services: {a: {extends: {file: d.yaml, service: a}}}", "services: {a: {extends: b}, b: {image: x}}"), nil},
		"a chain of extends":   {file("services:\n  s-1: {image: x}\n" + repeated(40, "  s%[1]d: {image: x, extends: s%[2]d}\n")), []string{"c.yaml:35:19 services.s32.extends: more than 32 services extend each other"}},
		"includes itself":      {file("include: [c.yaml]\n" + web), []string{"c.yaml:1:11 include: files include each other in a circle, through c.yaml"}},
		"includes itself as the second": {
			files("include: [{path: [d.yaml, c.yaml]}]\n"+web, "services: {b: {image: x}}"),
			[]string{"c.yaml:1:11 include: files include each other in a circle, through c.yaml"},
		},
		"a range of ports":      {file("services: {a: {image: x, ports: [1-65535]}}"), []string{"c.yaml:1:12 services.a: more than 25000 ports up to here, each of a range counted"}},
		"ports of what extends": {file("services:\n  s-1: &p {image: x, ports: [1-9000]}\n" + repeated(3, "  s%[1]d: {image: x, extends: s-1}\n")), []string{"c.yaml:4:3 services.s1: more than 25000 ports up to here, each of a range counted"}},
		"ports of real life":    {file("services: {a: {image: x, ports: ['10000-20000:10000-20000/udp']}}"), nil},
		"dependencies of all on all": {
			file("services:\n" + repeated(200, "  s%[1]d: {image: x, depends_on: ["+strings.TrimSuffix(repeated(200, "r%[1]d, "), ", ")+"]}\n")),
			[]string{"c.yaml:195:3 services.s193: services depend on each other more than 20000 times up to here"},
		},
		"many services":       {file("services:\n" + repeated(5001, "  s%[1]d: {image: x}\n")), []string{"c.yaml:1001:3 services.s999: more than 5000 services: an ECS cluster holds no more"}},
		"a list of many":      {file("services: {a: {image: x, command: [" + repeated(20_001, "w%[1]d, ") + "]}}"), []string{"c.yaml:1:35 20001 items in one list: the limit is 20000"}},
		"an env file of many": {files("services: {a: {image: x, env_file: d.yaml}}", repeated(20_002, "A%[1]d=1\n")), []string{"c.yaml:1:26 services.a.env_file[0]: cannot read d.yaml: it has more than 20000 lines"}},
		"what compose-go fails on": {
			file("services: {a: {build: {context: ., additional_contexts: {c: ., \"80\": 5}}}, b: {image: x}}"),
			[]string{"c.yaml:1:64 services.a.build.additional_contexts[80]: is 5, which cannot be read here"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range test.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, ds := Load(t.Context(), Options{Dir: dir, Files: []string{"c.yaml"}, ProjectName: "x"})
			var got []string
			for _, d := range ds {
				if d.Severity == diag.Error {
					text := d.Summary
					if d.Path != "" {
						text = d.Path + ": " + text
					}
					got = append(got, d.Pos.String()+" "+text)
				}
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if strings.Contains(fmt.Sprint(ds), "S3") {
				t.Errorf("a secret is repeated: %v", ds)
			}
		})
	}
}

// TestManyWaysThroughDependsOnAreLookedAtOnce has more of them than there is time for.
func TestManyWaysThroughDependsOnAreLookedAtOnce(t *testing.T) {
	services := func(last string) string {
		var b strings.Builder
		b.WriteString("services:\n")
		for i := range 40 {
			fmt.Fprintf(&b, "  s%d: {image: x, depends_on: [", i)
			for j := i + 1; j < 40; j++ {
				fmt.Fprintf(&b, "s%d, ", j)
			}
			b.WriteString("end]}\n")
		}
		return b.String() + "  end: {image: x" + last + "}\n"
	}
	for last, want := range map[string]string{
		"":                     "",
		", depends_on: [none]": `there is no service "none"`,
		", depends_on: [s7]":   "services wait for each other in a circle: ",
	} {
		p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, ProjectName: "x", Stdin: strings.NewReader(services(last))})
		switch {
		case want == "" && (ds.HasErrors() || p == nil):
			t.Errorf("refused: %v", ds)
		case want != "" && !strings.Contains(fmt.Sprint(ds), want):
			t.Errorf("not said: %s: %v", want, ds)
		}
	}
}

func chain(n int) string { return repeated(n, "x-%[3]d: &x%[3]d {<<: *x%[1]d, b: 1}\n") }

func file(text string) map[string]string { return map[string]string{"c.yaml": text} }

func files(c, d string) map[string]string { return map[string]string{"c.yaml": c, "d.yaml": d} }
