package translate

import (
	"sync"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// Project is a loaded compose project with what x-fargate says of it. Services
// with x-fargate.skip are among the DisabledServices of its model.
type Project struct {
	*compose.Project
	X xfargate.Settings
	// Machine is what decides about the content of directories on this machine beside
	// what is in them.
	Machine content.Machine

	dockerfiles dockerfiles
	builtImages map[*types.BuildConfig]*builtImage // of active services; nil where a Dockerfile is not understood
	binds       binds
	schemesOf   map[string][]string // see readSchemes
	awaited     map[string]bool     // services for whose health another one waits
	used        []Entry             // the attributes in use, in no order

	refused map[string]bool // the paths at which Load has found errors

	buildersOnce sync.Once
	buildersOf   map[string]types.ServiceConfig // see builders

	textsOnce  sync.Once
	unread     []unreadText           // what is in none of them
	texts      map[string][]*textFile // see textsOf
	namesOnce  sync.Once
	nameUses   nameUses // see findNames
	routesOnce sync.Once
	routes     map[string][]route // see routesOf

	endingsOnce sync.Once
	endings     map[string]ending // see endingOf

	hiddenOnce sync.Once
	hidden     []string // see HiddenValues

	maskers sync.Map // of secrets, by target
}
