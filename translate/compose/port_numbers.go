package compose

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
)

// portKeys are the attributes of a port in long form that are numbers of ports.
var portKeys = []string{"target", "published"}

// checkPorts finds a port in long form that is none. compose-go keeps what is left of it in
// 32 bits.
func checkPorts(model map[string]any) error {
	services, _ := model["services"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(services)) {
		s, _ := services[name].(map[string]any)
		ports, _ := s["ports"].([]any)
		for i, port := range ports {
			port, _ := port.(map[string]any)
			for _, key := range portKeys {
				if outOfPorts(key, port[key]) {
					return fmt.Errorf("services.%s.ports.%d.%s: is %s, and ports are numbers from 1 to %d", name, i, key, Shown(port[key]), math.MaxUint16)
				}
			}
		}
	}
	return nil
}

// outOfPorts says whether the value of an attribute is a number that no port has; 0 is any port
// of the machine. Others are checked by their types.
func outOfPorts(key string, v any) bool {
	n, ok := new(big.Int).SetString(fmt.Sprint(v), 10)
	return ok && (n.Sign() < 0 || n.Sign() == 0 && key == "target" || n.Cmp(big.NewInt(math.MaxUint16)) > 0)
}
