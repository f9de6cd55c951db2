package translate

import (
	"net"
	"regexp"
	"strconv"
	"strings"
)

// listenForm is an address to listen at: 80, *:80, :80, 10.0.0.1:80, [::]:80, :::80, 80-82.
var listenForm = regexp.MustCompile(`^(?:(\*|[0-9.]+|\[[0-9A-Fa-f:.]*\]|::|[A-Za-z][A-Za-z0-9_.-]*)?:)?([0-9]{1,5})(?:-([0-9]{1,5}))?$`)

// listenPorts are the TCP ports of an address at which others reach the container; ok says
// that it can be read.
func listenPorts(address string) (ports []int, ok bool) {
	m := listenForm.FindStringSubmatch(address)
	if m == nil {
		return nil, false
	}
	host := strings.Trim(m[1], "[]")
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil, true
	}
	from, _ := strconv.Atoi(m[2])
	to := from
	if m[3] != "" {
		to, _ = strconv.Atoi(m[3])
	}
	if from < 1 || to > 65535 || to-from > 1000 {
		return nil, false
	}
	for port := from; port <= to; port++ {
		ports = append(ports, port)
	}
	return ports, true
}
