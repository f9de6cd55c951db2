package xfargate

import "strconv"

// Replacement is where a service is found that gets no task.
type Replacement struct {
	Host string `json:"host"`
	Port int    `json:"port"` // 0: the ports that others use stay
}

// String returns HOST or HOST:PORT.
func (r Replacement) String() string {
	if r.Port == 0 {
		return r.Host
	}
	return r.Host + ":" + strconv.Itoa(r.Port)
}

// Help says what to write in place of the service's name.
func (r Replacement) Help() string {
	if r.Port == 0 {
		return "write " + r.Host
	}
	return "write " + r.Host + ", and " + strconv.Itoa(r.Port) + " for its port"
}
