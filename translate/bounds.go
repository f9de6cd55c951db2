package translate

import (
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// seconds rounds a duration to whole seconds within bounds, and reports if that
// changes it.
func seconds(b *base, d *types.Duration, within xfargate.Bounds, path diag.Path) int {
	if d == nil || *d == 0 && within.Fallback > 0 {
		return within.Fallback
	}
	asked := time.Duration(*d)
	whole := int((asked + time.Second - 1) / time.Second)
	kept := min(max(whole, within.Min), within.Max)
	switch {
	case kept != whole:
		b.warnf(path, "", "%s is outside the %d to %d seconds that ECS allows: %d s is used", durationText(asked), within.Min, within.Max, kept)
	case time.Duration(whole)*time.Second != asked:
		b.warnf(path, "", "ECS counts whole seconds: %s becomes %d s", durationText(asked), kept)
	}
	return kept
}

// durationText writes 5m where Go writes 5m0s.
func durationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
