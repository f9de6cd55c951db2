package translate

import (
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// debugPorts are settings that open a port to whoever debugs or manages a program, which
// lets him run any code.
var debugPorts = []struct {
	form table.Pattern // of NAME=VALUE of the environment, or of a command line
	what string
}{
	// docs.oracle.com, JPDA connection and invocation: dt_socket
	{table.MustCompile(`(?:-agentlib:jdwp=|-Xrunjdwp:)\S*\baddress=(?:[^,:\s]*:)?(\d+)`), "the debugger of Java"},
	// catalina.sh of Tomcat: JPDA_ADDRESS
	{table.MustCompile(`^JPDA_ADDRESS=(?:[^:]*:)?(\d+)$`), "the debugger of Java"},
	// docs.oracle.com, monitoring and management using JMX
	{table.MustCompile(`-Dcom\.sun\.management\.jmxremote\.(?:rmi\.)?port=(\d+)`), "JMX"},
	// kafka-run-class.sh: JMX_PORT; docs.confluent.io: KAFKA_JMX_PORT
	{table.MustCompile(`^[A-Z_]*JMX_PORT=(\d+)$`), "JMX"},
	// nodejs.org, command-line API: --inspect[=[host:]port]
	{table.MustCompile(`--inspect(?:-brk|-wait|-port)?=(?:[^\s:]*:)?(\d+)`), "the inspector of Node.js"},
	// github.com/microsoft/debugpy, command line
	{table.MustCompile(`\bdebugpy\b.*--listen[=\s]+(?:[^\s:]*:)?(\d+)`), "debugpy"},
	// github.com/go-delve/delve, dlv
	{table.MustCompile(`\bdlv\b.*(?:--listen|-l)[=\s]+[^\s:]*:(\d+)`), "Delve"},
	// github.com/ruby/debug, remote debugging
	{table.MustCompile(`\brdbg\b.*--port[=\s]+(\d+)|^RUBY_DEBUG_PORT=(\d+)$`), "the debugger of Ruby"},
}

// debugs is what a port is for whose settings make it one of debugging; "" for none.
func debugs(m container, port int) string {
	texts := []string{strings.Join(m.Entrypoint, " ") + " " + strings.Join(m.Command, " ")}
	for _, name := range sortedKeys(m.Environment) {
		if value := m.Environment[name]; value != nil {
			texts = append(texts, name+"="+strings.TrimSpace(*value))
		}
	}
	for _, text := range texts {
		if !strings.Contains(text, strconv.Itoa(port)) {
			continue
		}
		for _, d := range debugPorts {
			for _, found := range d.form.FindAllStringSubmatch(text, -1) {
				if strings.Join(found[1:], "") == strconv.Itoa(port) {
					return d.what
				}
			}
		}
	}
	return ""
}
