package translate

import (
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// TestAScriptRunsTheBranchThatFits names the lines that run; of what depends on anything
// else than arguments and variables nothing is told, and no more where it may end the script.
func TestAScriptRunsTheBranchThatFits(t *testing.T) {
	for _, c := range []struct{ name, script, arguments, role, want string }{
		{"without branches", "a\nb", "", "", "a b"},
		{"nothing after exec", "a\nexec b\nc", "", "", "a exec_b"},
		{"a case", "case \"$1\" in\nx) a ;;\ny|z)\nb\n;;\nesac\nc", "z", "", "b c"},
		{"the first that fits", "case $1 in\nx*) a;;\nxy) b;;\nesac", "xy", "", "a"},
		{"any other", "case ${1:-z} in\nx) a;;\n*) b;;\nesac", "", "", "b"},
		{"by default", "case ${1:-x} in\nx) a;;\n*) b;;\nesac", "", "", "a"},
		{"of a variable", "case \"$ROLE\" in\nx) a;;\n*) b;;\nesac", "", "x", "a"},
		{"of an unknown variable", "case \"$OTHER\" in\nx) a;;\n*) b;;\nesac\nc", "", "", "c"},
		{"of one that may end the script", "case \"$OTHER\" in\nx) exec a;;\n*) b;;\nesac\nc", "", "", ""},
		{"an if", "if [ \"$1\" = \"x\" ]; then\na\nelif [ \"$1\" = y ]; then\nb\nelse\nc\nfi\nd", "y", "", "b d"},
		{"an if with an x", "if [ \"x$1\" = xy ]; then\na\nfi", "y", "", "a"},
		{"the rest", "if [[ $1 == x ]]; then\na\nelse\nb\nfi", "y", "", "b"},
		{"in one line", "if [ \"$1\" = x ]; then a; fi\nb", "x", "", "a b"},
		{"not in one line", "if [ \"$1\" = x ]; then a; fi\nb", "y", "", "b"},
		{"an unknown one in one line", "if [ -f x ]; then rm x; fi\nb", "", "", "b"},
		{"inside another", "if [ \"$1\" = x ]; then\ncase $2 in\ny) a;;\nesac\nfi\nb", "x y", "", "a b"},
		{"inside an unknown one", "if [ -n \"$A\" ]; then\nif [ \"$1\" = x ]; then\na\nfi\nfi\nb", "x", "", "b"},
		{"what may end", "[ -f x ] && exec a\nb", "", "", ""},
		{"too many ends", "fi\nesac\na", "", "", "fi esac a"},
	} {
		env := types.MappingWithEquals{}
		if c.role != "" {
			env["ROLE"] = &c.role
		}
		got := scriptLinesRun(strings.Split(c.script, "\n"), strings.Fields(c.arguments), env)
		want := strings.Fields(c.want)
		for i := range want {
			want[i] = strings.ReplaceAll(want[i], "_", " ")
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
}
