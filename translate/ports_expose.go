package translate

import (
	"cmp"
	"strconv"
	"strings"
)

// parseExpose reads PORT, FROM-TO, either with /PROTOCOL behind it.
func parseExpose(text string) (from, to int, protocol string, ok bool) {
	ports, protocol, _ := strings.Cut(text, "/")
	first, last, isRange := strings.Cut(ports, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	if err != nil {
		return 0, 0, "", false
	}
	if to, err = strconv.Atoi(last); err != nil {
		return 0, 0, "", false
	}
	return from, to, cmp.Or(strings.ToLower(protocol), "tcp"), 0 < from && from <= to && to <= 65535
}
