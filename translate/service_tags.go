package translate

import (
	"maps"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// maxUserTags is the limit of 50 tags in ECS without the five of this tool.
const maxUserTags = 45

// tagText is what ECS allows in keys and values of tags (Tag of the API
// reference).
var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)

// routerLabel matches what only routers read.
var routerLabel = regexp.MustCompile(`(?i)^(traefik\.|caddy(_[0-9]+)?(\.|$))`)

// serviceTags are the tags of the stack, and the labels of the service as far
// as AWS accepts them as tags. ECS passes them on to the tasks, and they appear
// on the bill.
func serviceTags(b *base, k *task) []spec.Tag {
	tags := map[string]string{}
	maps.Copy(tags, b.X.Tags)
	var refused, secret, late []string
	if k.main.Deploy != nil {
		labels := k.main.Deploy.Labels
		for _, name := range sortedKeys(labels) {
			_, again := tags[name]
			switch {
			case !isTag(name, labels[name]) && routerLabel.MatchString(name) && b.routesOf(k.name()) != nil: // it is read there
			case !isTag(name, labels[name]):
				refused = append(refused, name)
			case b.isSecretText(at(k.name(), "deploy", "labels", name), name, labels[name]):
				secret = append(secret, name)
			case !again && len(tags) == maxUserTags:
				late = append(late, name)
			default:
				tags[name] = labels[name]
			}
		}
	}
	path := at(k.name(), "deploy", "labels")
	if len(refused) > 0 {
		b.warnf(path, "a tag has letters, digits, spaces and + - = . _ : / @, 128 of them in its key and 256 in its value, and does not begin with aws: or "+plan.TagPrefix,
			"not used as tags of the ECS service: %s", compose.Quoted(refused))
	}
	if len(secret) > 0 {
		b.warnf(path, "", "not used as tags of the ECS service: %s, which look like secrets", compose.Quoted(secret))
	}
	if len(late) > 0 {
		b.warnf(path, "", "not used as tags of the ECS service: %s, because it already has %d", compose.Quoted(late), maxUserTags)
	}
	return spec.Tags(tags)
}

func isTag(key, value string) bool {
	return key != "" && plan.UserTag(strings.ToLower(key)) &&
		utf8.RuneCountInString(key) <= 128 && utf8.RuneCountInString(value) <= 256 &&
		tagText.MatchString(key) && tagText.MatchString(value)
}

// checkTags refuses tags in x-fargate that are not the user's to give.
func (p *Project) checkTags(ds *diag.List) {
	for key := range p.X.Tags {
		if !plan.UserTag(strings.ToLower(key)) || key == "" || len(key) > 128 {
			path := diag.Path{xfargate.Key, "tags", key}
			ds.Errorf(p.At(path...), compose.Dotted(path), "rename it",
				"a tag key has 1 to 128 characters, and does not begin with aws: or %s", plan.TagPrefix)
			delete(p.X.Tags, key)
		}
	}
}
