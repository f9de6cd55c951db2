package translate

import (
	"github.com/compose2fargate/compose2fargate/diag"
)

// route is an entrance that the labels or variables of a service describe to a router:
// Traefik, caddy-docker-proxy or nginx-proxy. Where the router is left out, a load
// balancer stands in for it.
type route struct {
	path       diag.Path // where it is described
	port       int       // of the container; 0: not said
	ways       []way     // of requests to it
	https      bool      // is spoken by the container
	tls        bool      // is wanted by the router
	usual      int       // port where not exactly one is known; 0: the lowest
	raw        string    // tcp or udp, which the router passes on as it is; "": HTTP
	entrypoint string    // of the router for that, by name
	listen     int       // its port; 0: not known

	refused   string // why a load balancer cannot stand in for the router
	inBlock   bool   // of paths, while it is read
	guards    []guard
	authPaths []string // of its hosts, to which it lets nobody without a password
	clients   string   // whom the router lets in, where it keeps some out: blocks of addresses, or CIDR
	differs   string   // what the router does and a load balancer does not
	moves     bool     // where it differs, it redirects clients
}

// way is what the requests of a route match: any of its hosts and any of its paths.
type way struct{ hosts, paths []string }
