package translate

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

//go:embed known_tags.json
var knownTagsJSON []byte

// knownTag are the ports of images of some names whose tag has a part.
type knownTag struct {
	Tag    string   `json:"tag"` // "": any
	Images []string `json:"images"`
	Ports  []int    `json:"ports"`
	Source string   `json:"source"`
}

var knownTags = sync.OnceValue(func() (known struct {
	Tags []knownTag `json:"tags"`
}) {
	if err := json.Unmarshal(knownTagsJSON, &known); err != nil {
		panic(err) // the file is ours
	}
	return known
})

// portsByTag are the TCP ports that the tag of an image tells of, beside those of its name.
func portsByTag(image string) []int {
	image, _, _ = strings.Cut(strings.ToLower(image), "@")
	name := imageName(image)
	_, tag, _ := strings.Cut(image[strings.LastIndexByte(image, '/')+1:], ":")
	var out []int
	for _, known := range knownTags().Tags {
		if slices.Contains(known.Images, name) && (known.Tag == "" || slices.Contains(strings.Split(tag, "-"), known.Tag)) {
			out = append(out, known.Ports...)
		}
	}
	return out
}
