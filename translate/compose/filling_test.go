package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
)

// doubling are variables that each stand for the one before it, some times.
func doubling(count, times int) string {
	var b strings.Builder
	b.WriteString("Z0=aaaaaaaaaa\n")
	for i := range count {
		fmt.Fprintf(&b, "Z%d=%s\n", i+1, strings.Repeat(fmt.Sprintf("${Z%d}", i), times))
	}
	return b.String()
}

// TestWhatMultipliesIsRefused has a few lines that stand for more than a machine holds, or
// for more than a task definition does. Beside each is one that is just small enough.
func TestWhatMultipliesIsRefused(t *testing.T) {
	const web = "services: {a: {image: x"
	long := strings.Repeat("a", 1<<16)
	for name, test := range map[string]struct {
		files map[string]string
		want  string // of the first error; "" for none
	}{
		".env":                     {map[string]string{"c.yaml": web + "}}", ".env": doubling(30, 2)}, ".env:17:1 its variables stand for more than 1 MiB up to here"},
		".env that grows little":   {map[string]string{"c.yaml": web + "}}", ".env": doubling(15, 2)}, ""},
		".env with a default":      {map[string]string{"c.yaml": web + "}}", ".env": strings.ReplaceAll(doubling(30, 2), "}", ":-x}")}, ".env:17:1 its variables stand for more than 1 MiB up to here"},
		".env of one variable":     {map[string]string{"c.yaml": web + "}}", ".env": "A=aaaaaaaaaa\n" + strings.Repeat("A=$A$A\n", 30)}, ".env:2:1 its variables stand for more than 1 MiB up to here"},
		"env_file":                 {map[string]string{"c.yaml": web + ", env_file: e}}", "e": doubling(30, 2)}, "c.yaml:1:26 cannot read e: line 17: its variables stand for more than 1 MiB up to here"},
		"two env files":            {map[string]string{"c.yaml": web + ", env_file: [e, f]}}", "e": doubling(12, 2), "f": "Y=$Z12\n" + strings.Repeat("Y=$Y$Y\n", 9)}, "c.yaml:1:40 cannot read f: line 2: its variables stand for more than 1 MiB up to here"},
		"a raw one":                {map[string]string{"c.yaml": web + ", env_file: [{path: e, format: raw}]}}", "e": doubling(30, 2)}, ""},
		"label_file":               {map[string]string{"c.yaml": web + ", label_file: e}}", "e": doubling(30, 2)}, "c.yaml:1:26 cannot read e: line 17: its variables stand for more than 1 MiB up to here"},
		"of a step":                {map[string]string{"c.yaml": web + ", pre_start: [{image: x, command: a, env_file: e}]}}", "e": doubling(30, 2)}, "c.yaml:1:61 cannot read e: line 17: its variables stand for more than 1 MiB up to here"},
		"a value":                  {map[string]string{"c.yaml": "x-a: " + strings.Repeat("$A", 20) + "\n" + web + "}}", ".env": "A=" + long}, "c.yaml:1:6 the variables in one value stand for more than 1 MiB"},
		"a value of few":           {map[string]string{"c.yaml": "x-a: " + strings.Repeat("$A", 15) + "\n" + web + "}}", ".env": "A=" + long}, ""},
		"values":                   {map[string]string{"c.yaml": "x-a: [" + strings.Repeat("$A$A$A$A$A, ", 60) + "]\n" + web + "}}", ".env": "A=" + long}, "c.yaml:1:619 the file stands for more than 16 MiB of text"},
		"a text under aliases":     {file("x-0: &x0 " + long + "\n" + repeated(4, "x-%[3]d: &x%[3]d [*x%[1]d, *x%[1]d, *x%[1]d, *x%[1]d]\n") + web + "}}"), "c.yaml:5:6 the file stands for more than 16 MiB of text"},
		"a text under few aliases": {file("x-0: &x0 " + long + "\n" + repeated(3, "x-%[3]d: &x%[3]d [*x%[1]d, *x%[1]d, *x%[1]d, *x%[1]d]\n") + web + "}}"), ""},
		"a text that is extended":  {file("services:\n  s: {image: x, x-a: " + long + "}\n" + repeated(300, "  s%[1]d: {extends: s}\n")), "c.yaml:61:3 the files stand for more than 16 MiB of text up to here"},
		"variables that are named": {map[string]string{"c.yaml": "services:\n" + repeated(17, "  s%[1]d: {image: x, environment: [A]}\n"), ".env": "A=" + long}, "c.yaml:11:3 the commands, variables and labels of all services have more than 1 MiB up to here"},
		"an env file of many":      {map[string]string{"c.yaml": "services:\n" + repeated(20, "  s%[1]d: {image: x, env_file: e}\n"), "e": repeated(12_000, "V%[1]d=\n")}, "c.yaml:2:28 the env files and label files of services have more than 4 MiB, each as often as a service has it"},
		"an env file of some":      {map[string]string{"c.yaml": "services:\n" + repeated(20, "  s%[1]d: {image: x, env_file: e}\n"), "e": repeated(5_000, "V%[1]d=\n")}, ""},
		"a large label file":       {map[string]string{"c.yaml": "services:\n" + repeated(80, "  s%[1]d: {image: x, label_file: e}\n"), "e": "A=" + long + "\n"}, "c.yaml:2:30 the env files and label files of services have more than 4 MiB, each as often as a service has it"},
		"a command":                {file(web + ", command: " + long[:1<<14] + "a}}"), "c.yaml:1:26 has more than 16 KiB; write it as a list, or put it into a file"},
		"a command that fits":      {file(web + ", command: " + long[:1<<14] + "}}"), ""},
		"an item of a command":     {file(web + ", command: [" + long + "]}}"), "c.yaml:1:26 has more than 64 KiB, which is all that a task definition holds"},
		"an item that fits":        {file(web + ", command: [" + long[1:] + "]}}"), ""},
		"an item of environment":   {file(web + ", environment: [A=" + long + "a]}}"), "c.yaml:1:40 has more than 64 KiB, which is all that a task definition holds"},
		"a command of words":       {file(web + ", command: [" + strings.Repeat(long[:7_000]+", ", 10) + "]}}"), "c.yaml:1:26 has more than 64 KiB, which is all that a task definition holds"},
		"a health check":           {file(web + ", healthcheck: {test: " + long + "a}}}"), "c.yaml:1:40 has more than 64 KiB, which is all that a task definition holds"},
		"a variable's value":       {file(web + ", environment: {A: " + long + "a}}}"), "c.yaml:1:40 has more than 64 KiB, which is all that a task definition holds"},
		"a label's value":          {file(web + ", labels: {A: " + long + "a}}}"), "c.yaml:1:35 has more than 64 KiB, which is all that a task definition holds"},
		"many commands":            {file("services:\n" + repeated(30, "  s%[1]d: {image: x, command: ["+long[1:]+"]}\n")), "c.yaml:25:3 the commands, variables and labels of all services have more than 1 MiB up to here"},
		"many ports":               {file(web + ", ports: [" + repeated(1001, "'%[3]d', ") + "]}}"), "c.yaml:1:26 more than 1000 items"},
		"dollar signs":             {file(web + ", command: " + strings.Repeat("$", 100_002) + "}}"), "c.yaml:1:35 more than 100000 dollar signs in one value"},
		"dollar signs of many":     {file(repeated(60, "x-%[1]d: "+strings.Repeat("$", 2_000)+"\n") + web + "}}"), "c.yaml:51:7 the file stands for more than 100000 variables or dollar signs"},
		"a long key":               {file(web + "}}\nx-a: {" + long + ": 1}"), "c.yaml:2:7 a key has more than 1000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range test.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, ds := Load(t.Context(), Options{Dir: dir, Files: []string{"c.yaml"}, ProjectName: "x"})
			got := ""
			for _, d := range ds {
				if d.Severity == diag.Error {
					got = strings.TrimPrefix(got+", "+d.Pos.String()+" "+d.Summary, ", ")
				}
			}
			if got != test.want {
				t.Errorf("got  %.200s\nwant %s", got, test.want)
			}
		})
	}
}
