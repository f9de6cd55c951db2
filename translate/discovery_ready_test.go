package translate

import (
	"net"
	"os/exec"
	"strings"
	"testing"
)

// answers is a server that says something at once, or once something comes; nothing if it is the proxy of
// Service Connect without a server behind it, which takes the connection and ends it.
func answers(t *testing.T, greeting, reply string) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte(greeting))
			if reply != "" {
				conn.Read(make([]byte, 100))
				conn.Write([]byte(reply))
			}
			conn.Close()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

// What is told to be written has to end well only where the server itself answers.
func TestWhatToWriteForAWaitAsksTheServer(t *testing.T) {
	for _, test := range []struct {
		image, greeting, reply string
		ready                  bool
		programs               string
	}{
		{"postgres:16", "", "N", true, "bash python node nc"},
		{"postgres:16", "", "", false, "bash node nc"},
		{"mysql:8", "J\x00\x00\x00\n8.0.36\x00", "", true, "bash nc"},
		{"mysql:8", "", "", false, "bash nc"},
		{"redis:7", "", "+PONG\r\n", true, "bash nc"},
		{"redis:7", "", "-NOAUTH Authentication required.\r\n", true, "bash node nc"},
		{"redis:7", "", "-LOADING Redis is loading the dataset in memory\r\n", false, "bash python nc"},
		{"rabbitmq:4", "", "\x01\x00\x00\x00\x00", true, "bash nc"},
		{"nats:2", "INFO {}\r\n", "", true, "bash nc"},
		{"elasticsearch:8", "", "HTTP/1.1 503 Service Unavailable\r\n\r\n", false, "bash nc"},
		{"elasticsearch:8", "", "HTTP/1.0 200 OK\r\n\r\n", true, "bash nc"},
	} {
		port := answers(t, test.greeting, test.reply)
		for _, on := range strings.Fields(test.programs) {
			if _, err := exec.LookPath(on); err != nil {
				continue
			}
			said := readyCommandOf(test.image, port).said(on)
			if len(waitsIn(loopUntil(said, "db", 5432))) > 0 {
				t.Errorf("%s: what is told to be written is a wait for a port: %s", test.image, said)
			}
			loop := strings.TrimSuffix(strings.TrimPrefix(loopUntil(said, "127.0.0.1", port), "until "), "; do sleep 1; done")
			if out, err := exec.Command("sh", "-c", loop).CombinedOutput(); (err == nil) != test.ready {
				t.Errorf("%s, %q %q: %s\n%s", test.image, test.greeting, test.reply, loop, out)
			}
		}
	}
}
