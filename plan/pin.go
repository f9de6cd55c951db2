package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// pinPrefix begins the tags in which a service remembers, for each container whose
// image is pinned, of which reference its digest is:
// compose2fargate:image.CONTAINER = REFERENCE@sha256:…
const pinPrefix = TagPrefix + "image."

// The limits of tags, in characters (Amazon ECS developer guide, "Tagging
// resources", "Tag restrictions").
const (
	maxTagKey   = 128
	maxTagValue = 256
)

// Pin is the tag that records the digest, sha256:…, of the image reference of a
// container at the time of the look-up. Text that is too long for a tag is
// replaced by a hash.
func Pin(container, reference, digest string) (key, value string) {
	return pinPrefix + short(container, maxTagKey-len(pinPrefix)), PinName(reference) + "@" + digest
}

// PinName is how a reference stands in a pin.
func PinName(reference string) string {
	return short(reference, maxTagValue-len("@sha256:")-2*sha256.Size)
}

func short(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// IsPin says whether a tag is one of Pin's.
func IsPin(key string) bool { return strings.HasPrefix(key, pinPrefix) }

// ParsePin is the inverse of Pin, for tags that IsPin knows: the PinName of the
// reference, and the digest. Not ok for a value that is none.
func ParsePin(value string) (name, digest string, ok bool) {
	at := strings.LastIndexByte(value, '@')
	if at <= 0 || !strings.HasPrefix(value[at+1:], "sha256:") {
		return "", "", false
	}
	return value[:at], value[at+1:], true
}
