package xfargate

import "cmp"

// Discovery is how others find a service.
type Discovery struct {
	Mode     string `json:"mode"`      // service-connect, dns, both or none; "": not given, which is service-connect
	Ports    []int  `json:"ports"`     // TCP ports that neither ports nor expose name
	ProxyCPU int    `json:"proxy_cpu"` // CPU units for the Service Connect proxy; 0: none of its own
}

// Connects says whether the service has names in Service Connect.
func (d Discovery) Connects() bool {
	return d.Mode == "" || d.Mode == "service-connect" || d.Mode == "both"
}

// Registers says whether it has one in private DNS.
func (d Discovery) Registers() bool { return d.Mode == "dns" || d.Mode == "both" }

// or fills in what the defaults say.
func (d Discovery) or(defaults Discovery) Discovery {
	d.Mode = cmp.Or(d.Mode, defaults.Mode)
	d.ProxyCPU = cmp.Or(d.ProxyCPU, defaults.ProxyCPU)
	return d
}
