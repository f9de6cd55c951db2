package translate

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/table"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// extensions reports Docker's x-aws keys, and an x-fargate in a place where it
// has no meaning. It leaves other extensions alone.
func (s *screening) extensions(extensions any) {
	keys, _ := extensions.(map[string]any)
	for key := range keys {
		path := s.path.Key(key)
		tool, help, isForeign := s.foreign(key, path)
		switch {
		case key == "x-aws-autoscaling":
			if len(path) != 4 || path[0] != "services" || path[2] != "deploy" {
				s.ds.Warnf(s.At(path...), compose.Dotted(path), "write it in deploy of a service, or x-fargate.scaling in the service", "ignored: is not valid here")
			}
		case key == "x-aws-protocol":
			s.awsProtocol(path, keys[key])
		case key == "x-aws-securitygroup":
			s.awsGroup(path, keys[key])
		case isForeign:
			s.ds.Notef(s.At(path...), compose.Dotted(path), help, "ignored: a key of %s", tool)
		case key == xfargate.Key && !s.takesXFargate():
			s.ds.Errorf(s.At(path...), compose.Dotted(path), "write it at the top level, in a service, a network or a volume", "is not valid here")
		case spelledLike(key):
			s.ds.Warnf(s.At(path...), compose.Dotted(path), "did you mean \"x-fargate\"?", "ignored: not a key of this tool")
		}
	}
}

// awsProtocol checks what Docker's ECS integration took at a port.
func (s *screening) awsProtocol(path diag.Path, value any) {
	if text, ok := value.(string); !ok || !slices.Contains([]string{"http", "https"}, strings.ToLower(text)) {
		s.ds.Warnf(s.At(path...), compose.Dotted(path), "write http or https, or remove it", "ignored: %s is neither http nor https", compose.Shown(value))
	}
}

// awsGroup checks what Docker's ECS integration took at a network.
func (s *screening) awsGroup(path diag.Path, value any) {
	if text, ok := value.(string); !ok || text == "" {
		s.ds.Errorf(s.At(path...), compose.Dotted(path), "", "must be the id of a security group")
	}
}

func (s *screening) takesXFargate() bool {
	return len(s.path) == 0 || len(s.path) == 2 && slices.Contains([]string{"services", "networks", "volumes"}, s.path[0])
}

// spelledLike says whether an extension was meant to be x-fargate.
func spelledLike(key string) bool {
	return key != xfargate.Key && strings.HasPrefix(key, "x-f") && compose.Distance(key, xfargate.Key) <= 2
}

//go:embed extensions_foreign.json
var foreignJSON []byte

// foreignKeys are the keys of other tools, with what to use instead: those of
// Defang at the top level, in services and at ports, those of compose-x at the top
// level, and those of compose-x in services.
var foreignKeys = table.Of[map[string]map[string]string](foreignJSON)

// foreign says to which tool an extension belongs, and what to use instead; not
// ok if it belongs to none. At the top level a name such as x-s3 may just as
// well be the user's own, for an anchor.
func (s *screening) foreign(key string, path diag.Path) (tool, help string, ok bool) {
	if strings.HasPrefix(key, "x-defang-") {
		return "Defang", cmp.Or(foreignKeys()["Defang"][key], "there is no counterpart: create it outside this tool"), true
	}
	if len(path) == 1 {
		help, ok = foreignKeys()["compose-x"][key]
		return "compose-x", help, ok && !s.HasAnchor(path...)
	}
	help, ok = foreignKeys()["compose-x in services"][key]
	return "compose-x", help, ok && len(path) == 3 && path[0] == "services"
}
