package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// laterAWSKeys are Docker's own extensions for ECS that this release does not
// know what to do with: what happens without, and what there is instead.
var laterAWSKeys = map[string][2]string{
	"x-aws-autoscaling": {"the number of tasks stays at deploy.replicas", "set deploy.replicas for the highest load"},
}

// extensions reports Docker's x-aws keys, and an x-fargate in a place where it
// has no meaning. It leaves other extensions alone.
func (s *screening) extensions(extensions any) {
	keys, _ := extensions.(map[string]any)
	for key := range keys {
		path := s.path.Key(key)
		later, isLater := laterAWSKeys[key]
		tool, help, isForeign := s.foreign(key, path)
		switch {
		case isLater:
			s.ds.Warnf(s.At(path...), compose.Dotted(path), later[1], "ignored: not supported yet, %s", later[0])
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
		s.ds.Warnf(s.At(path...), compose.Dotted(path), "write http or https, or remove it", "ignored: %v is neither http nor https", value)
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
