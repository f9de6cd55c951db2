package translate

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

func TestSettingsTellPortsOfDebugging(t *testing.T) {
	for _, test := range []struct {
		variable, value string
		command         types.ShellCommand
		port            int
		want            string
	}{
		{variable: "JAVA_TOOL_OPTIONS", value: "-Xmx1g -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:8787", port: 8787, want: "the debugger of Java"},
		{variable: "JAVA_OPTS", value: "-Xrunjdwp:transport=dt_socket,address=8787,server=y", port: 8787, want: "the debugger of Java"},
		{variable: "JPDA_ADDRESS", value: "0.0.0.0:8000", port: 8000, want: "the debugger of Java"},
		{variable: "JPDA_ADDRESS", value: "8000", port: 8000, want: "the debugger of Java"},
		{variable: "CATALINA_OPTS", value: "-Dcom.sun.management.jmxremote.port=9010 -Dcom.sun.management.jmxremote.rmi.port=9011", port: 9011, want: "JMX"},
		{variable: "KAFKA_JMX_PORT", value: "9101", port: 9101, want: "JMX"},
		{variable: "NODE_OPTIONS", value: "--inspect=0.0.0.0:7000", port: 7000, want: "the inspector of Node.js"},
		{command: types.ShellCommand{"node", "--inspect-brk=7000", "x.js"}, port: 7000, want: "the inspector of Node.js"},
		{command: types.ShellCommand{"sh", "-c", "python -m debugpy --listen 0.0.0.0:8001 -m x"}, port: 8001, want: "debugpy"},
		{command: types.ShellCommand{"dlv", "exec", "/x", "--listen=:4000", "--headless"}, port: 4000, want: "Delve"},
		{command: types.ShellCommand{"rdbg", "-n", "-O", "--port", "8002"}, port: 8002, want: "the debugger of Ruby"},
		// of a peer, or another port
		{variable: "JAVA_OPTS", value: "-Dcom.sun.management.jmxremote.port=9010", port: 8080},
		{variable: "LISTEN", value: "0.0.0.0:8001", port: 8001},
		{command: types.ShellCommand{"server", "--listen", "0.0.0.0:8001"}, port: 8001},
	} {
		s := types.ServiceConfig{Name: "x"}
		s.Command, s.Environment = test.command, types.MappingWithEquals{test.variable: &test.value}
		if got := debugs(container{ServiceConfig: &s}, test.port); got != test.want {
			t.Errorf("%s=%s %v: port %d is for %q, want %q", test.variable, test.value, test.command, test.port, got, test.want)
		}
	}
}
