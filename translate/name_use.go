package translate

import "github.com/compose2fargate/compose2fargate/diag"

// hostUse is a word in a text of a service that is the name of a host, or may be
// one.
type hostUse struct {
	path diag.Path // of the attribute
	pos  diag.Pos
	name string // as it is written
	port int    // beside it; 0: none
	udp  bool   // it is called over UDP
	told bool   // others are told to call it there
	sure bool   // it stands where only a host stands
	// inFile: it is in a text of textsOf. built: in one that is copied into an image, which
	// a variable may overrule.
	inFile, built bool
	binds         bool // a program is told to listen there
	filled        bool // it is the value of a variable, where the name is said as well
}

// nameUse is the use of a name that resolves under docker compose.
type nameUse struct {
	hostUse
	user string // the service that uses it
	of   dockerName
}

// nameUses are the names in the words and the files of services, by the service.
type nameUses map[string][]nameUse

// nameKind is why a name resolves under docker compose.
type nameKind int

const (
	byService   nameKind = iota // the name of the service
	byContainer                 // of its container: container_name, or PROJECT-SERVICE-1
	byAlias                     // networks.aliases
	byHostname                  // hostname, which Docker's DNS has as well (moby/moby#39204)
	byNetwork                   // NAME.NETWORK
	byLink                      // links
	byExtraHost                 // extra_hosts
	byDocker                    // the machine of Docker
)

// kindText says what sort of name of a service it is, if not its own.
var kindText = map[nameKind]string{
	byContainer: "the container name", byAlias: "a network alias", byHostname: "the hostname",
	byNetwork: "a network-qualified name", byLink: "a link alias",
}

// dockerName is what a name stands for under docker compose.
type dockerName struct {
	service string // "": none of the project
	kind    nameKind
	network string // on which it is known; "": on all of the service
	user    string // who alone knows it; "": everybody
	address string // of byExtraHost
}
