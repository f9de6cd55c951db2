package translate

import (
	"slices"
	"strings"
)

// laterAWSKeys are Docker's own extensions for ECS that this release does not
// know what to do with: what happens without, and what there is instead.
var laterAWSKeys = map[string][2]string{
	"x-aws-cluster":          {"the services run in a cluster of their own", ""},
	"x-aws-loadbalancer":     {"published ports are not reachable from the internet until load balancers land", ""},
	"x-aws-pull_credentials": {"tasks pull without credentials", "use a public image, or one in ECR"},
	"x-aws-autoscaling":      {"the number of tasks stays what deploy.replicas says", "let deploy.replicas hold the highest load"},
	"x-aws-securitygroup":    {"the network becomes a security group of this stack", ""},
	"x-aws-keys":             {"the secret is not split", ""},
}

// extensions speaks of Docker's x-aws keys, and of an x-fargate where it has no
// meaning. Other extensions are none of our business.
func (s *screening) extensions(extensions any) {
	keys, _ := extensions.(map[string]any)
	for key := range keys {
		path := append(slices.Clone(s.path), key)
		later, isLater := laterAWSKeys[key]
		tool, help, isForeign := s.foreign(key, path)
		switch {
		case isLater:
			s.ds.Warnf(s.At(path...), dotted(path), later[1], "ignored: not supported yet, %s", later[0])
		case key == "x-aws-protocol":
			s.ds.Notef(s.At(path...), dotted(path), "", "ignored: it is for load balancers, which are not supported yet")
		case isForeign:
			s.ds.Notef(s.At(path...), dotted(path), help, "ignored: a key of %s", tool)
		case key == xKey && !s.takesXFargate():
			s.ds.Errorf(s.At(path...), dotted(path), "write it at the top level or in a service", "has no meaning here")
		case spelledLike(key):
			s.ds.Warnf(s.At(path...), dotted(path), "did you mean \"x-fargate\"?", "ignored: not a key of this tool")
		}
	}
}

func (s *screening) takesXFargate() bool {
	return len(s.path) == 0 || len(s.path) == 2 && s.path[0] == "services"
}

// spelledLike says whether an extension was meant to be x-fargate.
func spelledLike(key string) bool {
	return key != xKey && strings.HasPrefix(key, "x-f") && distance(key, xKey) <= 2
}
