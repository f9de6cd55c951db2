package translate

import (
	"slices"
	"strings"
)

// laterAWSKeys are Docker's own extensions for ECS that this release does not
// know what to do with, and what there is instead.
var laterAWSKeys = map[string]string{
	"x-aws-cluster":          "",
	"x-aws-loadbalancer":     "",
	"x-aws-cloudformation":   "CloudFormation has no part in this",
	"x-aws-pull_credentials": "use a public image, or one in ECR",
	"x-aws-autoscaling":      "",
	"x-aws-protocol":         "",
	"x-aws-securitygroup":    "",
	"x-aws-keys":             "",
}

// extensions speaks of Docker's x-aws keys, and of an x-fargate where it has no
// meaning. Other extensions are none of our business.
func (s *screening) extensions(extensions any) {
	keys, _ := extensions.(map[string]any)
	for key := range keys {
		path := append(slices.Clone(s.path), key)
		help, later := laterAWSKeys[key]
		switch {
		case later:
			s.ds.Warnf(s.At(path...), dotted(path), help, "ignored: not supported yet")
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
