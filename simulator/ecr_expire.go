package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// lifecycle is as much of a lifecycle policy as is carried out (ECR User Guide,
// "Lifecycle policy properties").
type lifecycle struct {
	Rules []lifecycleRule `json:"rules"`
}

type lifecycleRule struct {
	Priority  int `json:"rulePriority"`
	Selection struct {
		Status   string   `json:"tagStatus"` // any, tagged, untagged
		Prefixes []string `json:"tagPrefixList"`
		Patterns []string `json:"tagPatternList"`
		Count    string   `json:"countType"` // imageCountMoreThan, sinceImagePushed
		Number   int      `json:"countNumber"`
	} `json:"selection"`
}

// Expire carries out the lifecycle policies of all repositories, as ECR does
// within a day, and returns the digests of what it deleted. What runs does not
// matter to it: ECR does not know.
func (a *Account) Expire() []string {
	var gone []string
	var used []string
	for name := range a.Repositories.All() {
		used = append(used, "repository "+name)
	}
	before := a.heard(used)
	defer func() {
		for _, f := range before.findings() {
			f.Call = Call{Service: "ecr", Operation: "expiry", Writes: true}
			a.seen = append(a.seen, f)
		}
	}()
	for name, r := range a.Repositories.All() {
		var l lifecycle
		if json.Unmarshal([]byte(r.Lifecycle), &l) != nil {
			continue
		}
		slices.SortFunc(l.Rules, func(x, y lifecycleRule) int { return x.Priority - y.Priority })
		seen := map[string]bool{} // "An image is expired by exactly one or zero rules"
		for _, rule := range l.Rules {
			gone = append(gone, a.expire(name, rule, seen)...)
		}
	}
	return gone
}

func (a *Account) expire(repository string, rule lifecycleRule, seen map[string]bool) []string {
	images := slices.DeleteFunc(a.imagesOf(repository), func(i *RepositoryImage) bool { return seen[i.Digest] || !rule.selects(i) })
	slices.SortStableFunc(images, func(x, y *RepositoryImage) int { return y.Pushed.Compare(x.Pushed) }) // newest first
	var gone []string
	for n, image := range images {
		seen[image.Digest] = true
		old := rule.Selection.Count == "imageCountMoreThan" && n >= rule.Selection.Number ||
			rule.Selection.Count == "sinceImagePushed" && a.now().Sub(image.Pushed) > time.Duration(rule.Selection.Number)*24*time.Hour
		if old {
			a.Images.Delete(repository + "@" + image.Digest)
			gone = append(gone, image.Digest)
		}
	}
	return gone
}

func (r lifecycleRule) selects(i *RepositoryImage) bool {
	s := r.Selection
	switch s.Status {
	case "any":
		return true
	case "untagged":
		return len(i.Tags) == 0
	}
	return slices.ContainsFunc(i.Tags, func(tag string) bool {
		return slices.ContainsFunc(s.Prefixes, func(p string) bool { return strings.HasPrefix(tag, p) }) || globAny(s.Patterns, tag)
	})
}
