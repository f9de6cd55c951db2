package spec

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// Pushes says what is sent to ECR where a plan makes images: layers that are there
// already are not sent again, so that it is the most there can be.
func Pushes(live, want *plan.Stack, p *plan.Plan) diag.List {
	var list diag.List
	for _, r := range want.Resources {
		source, ok := r.Payload.(*ImageSource)
		planned := p.Find(r.Address)
		if !ok || planned == nil || !planned.Has(plan.Create) && !planned.Has(plan.Revise) {
			continue
		}
		if now := live.Find(r.Address); now != nil && now.Attrs["made"] != "" { // see package resource
			continue
		}
		list.Notef(r.Source, "", "", "%s", push(r.Address.Name, source, knownSize(p.Facts, source.Base)))
	}
	return list
}

func push(name string, source *ImageSource, base int64) string {
	var parts []string
	switch {
	case source.Build != nil:
		parts = append(parts, "the image is built here and pushed to ECR")
	case base > 0:
		parts = append(parts, fmt.Sprintf("%s is copied to ECR, up to %s", source.Base, size(base)))
	default:
		parts = append(parts, source.Base+" is copied to ECR")
	}
	if n := len(source.Files); n > 0 {
		var sum int64
		for _, f := range source.Files {
			sum += f.Size
		}
		parts = append(parts, fmt.Sprintf("with %s, %s", counted(n), size(sum)))
	}
	return name + ": " + strings.Join(parts, ", ")
}

func counted(n int) string {
	if n == 1 {
		return "1 mounted file"
	}
	return fmt.Sprintf("%d mounted files", n)
}

// knownSize is the size of an image by its digest, 0 if the image was not
// looked up.
func knownSize(facts plan.Facts, base string) int64 {
	_, digest, _ := strings.Cut(base, "@")
	for reference, found := range facts.Images {
		if digest != "" && found.Digest == digest || reference == base {
			return found.SizeInBytes
		}
	}
	return 0
}

// size writes a number of bytes with two digits or so.
func size(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB"}
	v, i := float64(n), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	return cmp.Or(strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0"), "0") + " " + units[i]
}
