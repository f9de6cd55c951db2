package translate

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed known_tags.json
var knownTagsJSON []byte

// knownTag are the ports of images of some names whose tag has a part.
type knownTag struct {
	Tag    string        `json:"tag"`  // "": any
	Form   table.Pattern `json:"form"` // the same as a regular expression, of images with two parts of a name
	Images []string      `json:"images"`
	Ports  []int         `json:"ports"`
	Source string        `json:"source"`
}

var knownTags = table.Of[struct {
	Comment string     `json:"comment"`
	Tags    []knownTag `json:"tags"`
}](knownTagsJSON)

// portsByTag are the TCP ports that the tag of an image tells of, beside those of its name.
func portsByTag(image string) []int {
	name, owned, tag := nameOf(image).last, nameOf(image).lastTwo, nameOf(image).tag
	var out []int
	for _, known := range knownTags().Tags {
		switch {
		case slices.Contains(known.Images, owned) && known.Form.MatchString(tag):
			return known.Ports
		case slices.Contains(known.Images, name) && (known.Tag == "" || slices.Contains(strings.Split(tag, "-"), known.Tag)):
			out = append(out, known.Ports...)
		}
	}
	return out
}
