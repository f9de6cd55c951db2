package translate

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

func TestCapabilitiesAreThoseThatDockerWouldLeave(t *testing.T) {
	for _, test := range []struct {
		name            string
		add, drop       []string
		wantAdd, wantDr string
	}{
		{"nothing asked", nil, nil, "", ""},
		{"all dropped", nil, []string{"all"}, "", "ALL"},
		{"all dropped beside single ones", nil, []string{"CHOWN", "ALL", "KILL"}, "", "ALL"},
		{"all dropped but one", []string{"cap_chown"}, []string{"ALL"}, "", "AUDIT_WRITE DAC_OVERRIDE FOWNER FSETID KILL MKNOD " +
			"NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT"},
		{"all dropped but what Fargate can add", []string{"SYS_PTRACE"}, []string{"ALL"}, "SYS_PTRACE", "ALL"},
		{"one that is added and dropped", []string{"KILL"}, []string{"CAP_KILL"}, "", ""},
		{"one twice", nil, []string{"KILL", "CAP_KILL"}, "", "KILL"},
		{"one that no container has", nil, []string{"SYS_ADMIN"}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBase(&Project{Project: &compose.Project{}}, plan.Facts{})
			got := capabilities(b, container{ServiceConfig: &types.ServiceConfig{ContainerSpec: types.ContainerSpec{CapAdd: test.add, CapDrop: test.drop}}})
			add, drop := "", ""
			if got != nil {
				add, drop = strings.Join(got.Add, " "), strings.Join(got.Drop, " ")
			}
			if add != test.wantAdd || drop != test.wantDr {
				t.Errorf("add %q and drop %q, want %q and %q", add, drop, test.wantAdd, test.wantDr)
			}
		})
	}
}
