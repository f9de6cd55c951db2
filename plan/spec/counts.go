package spec

import (
	"fmt"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// Counts says of which services the number of tasks stays as it is although the files say
// another one, because Application Auto Scaling decides it. files is the desired stack, and
// over the same one over what is live.
func Counts(live, files, over *plan.Stack) diag.List {
	said := map[string][]string{}
	for _, r := range files.Resources {
		from, ok := r.Spec.(*Service)
		if !ok {
			continue
		}
		to, now := over.Find(r.Address).Spec.(*Service), live.Find(r.Address)
		if now == nil || from.DesiredCount == to.DesiredCount {
			continue
		}
		if who := scaledBy(live, files, now); who == byFiles || who != "" && !r.Open { // where the files say a number
			said[who] = append(said[who], fmt.Sprintf("%s: %d, and not %d", r.Address.Name, to.DesiredCount, from.DesiredCount))
		}
	}
	var list diag.List
	for _, who := range []string{byFiles, byLeftover, byOthers} {
		if services := said[who]; services != nil {
			list.Notef(diag.Pos{}, "", countHelp[who], "%s decides how many tasks run, and the plan leaves their number as it is (%s)", who, strings.Join(services, "; "))
		}
	}
	return list
}

const (
	byFiles    = "Application Auto Scaling"
	byLeftover = "the scaling that is no longer in the compose file and is not deleted"
	byOthers   = "a scalable target that is not of this project"
)

var countHelp = map[string]string{
	byFiles:    "",
	byLeftover: "--prune deletes it, and the number is that of the compose file again",
	byOthers:   "",
}

// scaledBy says who decides the count of a live service, "" for nobody.
func scaledBy(live, files *plan.Stack, service *plan.Resource) string {
	target := plan.Address{Kind: ScalableTargetKind, Name: service.Address.Name}
	scaled := service.Attrs[ScaledAttr]
	switch known := live.Find(target); {
	case files.Find(target) != nil:
		return byFiles
	case scaled == "":
		return ""
	case known != nil && known.Attrs["arn"] == scaled:
		return byLeftover
	default:
		return byOthers
	}
}
