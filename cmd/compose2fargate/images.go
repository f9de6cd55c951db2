package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/translate"
)

// images say how it is found out which images the references in the files mean.
type images struct {
	pull    bool // take what the tags mean now, whatever is live
	offline bool // ask no registry
	// saved are those of a saved plan, which has settled them: nobody is asked again.
	// Nil: there is none.
	saved *plan.Facts
	// registries are asked; nil under --simulate, where nothing real is read, and where
	// there are no compose files.
	registries *image.Registries
}

// registries are those of everybody, with the credentials that docker and AWS have.
func registries(account *resource.Account, offline bool) *image.Registries {
	return image.New(image.Options{Cache: image.CacheDir(), Login: account.RegistryLogin, Offline: offline})
}

// ask takes over the flags that concern registries.
func (s *session) ask(f planFlags) {
	s.images.pull, s.images.offline = f.pull, f.offline
	if f.offline && s.images.registries != nil {
		s.images.registries = registries(s.account, true)
	}
}

// lookup finds out which images the files mean. What a live service runs stays
// while the files name the same reference.
func (s *session) lookup(ctx context.Context) (map[string]plan.Image, diag.List, error) {
	if s.images.saved != nil {
		return s.images.saved.Images, nil, nil
	}
	uses := s.project.Images()
	if s.images.registries == nil || len(uses) == 0 {
		return nil, nil, nil
	}
	l := looking{session: s, uses: uses}
	if err := l.pins(ctx); err != nil {
		return nil, nil, err
	}
	l.look(ctx)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	l.noteMoved(ctx)
	l.noteOpen()
	return l.found, l.problems, nil
}

// looking is one look at all images of a project.
type looking struct {
	*session
	uses     []translate.ImageUse
	pinned   map[string]string // digests that stay, by reference
	found    map[string]plan.Image
	open     []string // references that nobody looked up, sorted
	problems diag.List
}

// pins finds the references that stay at the digests of the live services.
func (l *looking) pins(ctx context.Context) error {
	l.pinned = map[string]string{}
	if l.images.pull {
		return nil
	}
	live, err := l.account.PinnedImages(ctx)
	if err != nil {
		return err
	}
	for _, use := range l.uses {
		if digest := live[plan.PinName(use.Reference)]; digest != "" && !strings.Contains(use.Reference, "@") {
			l.pinned[use.Reference] = digest
		}
	}
	for _, use := range l.uses {
		if use.Pull {
			delete(l.pinned, use.Reference)
		}
	}
	return nil
}

func (l *looking) look(ctx context.Context) {
	found, problems := l.images.registries.Resolve(ctx, l.wants())
	l.found = found
	for _, p := range problems {
		if l.isRun(p.Reference) { // else its builder has something to say
			l.problem(p)
		}
	}
	for reference, known := range l.found {
		if !l.isRun(reference) {
			known.Digest = "" // nothing is pinned to it
			l.found[reference] = known
		}
	}
}

// isRun says whether a service runs an image as it is, and not only one built from it.
func (l *looking) isRun(reference string) bool {
	return slices.ContainsFunc(l.uses, func(use translate.ImageUse) bool { return use.Reference == reference && !use.Base })
}

// wants are the references, each once.
func (l *looking) wants() []image.Want {
	wants := map[string]image.Want{}
	for _, use := range l.uses {
		want := wants[use.Reference]
		want.Reference, want.Digest = use.Reference, l.pinned[use.Reference]
		if want.Platform == "" {
			want.Platform = use.Platform
		}
		wants[use.Reference] = want
	}
	return slices.SortedFunc(maps.Values(wants), func(a, b image.Want) int { return strings.Compare(a.Reference, b.Reference) })
}

// problem reports what is wrong at every place that names the image. What is
// running already stays as it is, whatever a registry says today.
func (l *looking) problem(p *image.Problem) {
	pin := l.pinned[p.Reference]
	if pin != "" {
		l.found[p.Reference] = plan.Image{Digest: pin}
	}
	switch {
	case p.Trouble == image.NoPlatform && len(p.Platforms) > 0:
		l.found[p.Reference] = plan.Image{Digest: pin, Platforms: p.Platforms} // whose task knows more to say
		return
	case p.Trouble == image.Unasked:
		if pin == "" {
			l.open = append(l.open, p.Reference)
		}
		return
	}
	for _, use := range l.uses {
		if use.Reference != p.Reference || use.Base {
			continue
		}
		if use.Credentials != "" && withheld(p) {
			l.unread(use, pin)
			continue
		}
		if pin != "" {
			l.problems.Warnf(use.Pos, use.Path, "this plan does not reflect the image's own ports, user, volumes and health check; "+trouble(p).help,
				"%s: it stays at the running digest, %s", trouble(p).what, brief(pin))
			continue
		}
		l.problems.Errorf(use.Pos, use.Path, trouble(p).help, "%s", trouble(p).what)
	}
}

// withheld says whether an image may be one that only its credentials show: registries say of
// those that there is none, that access is denied, or limit who has none.
func withheld(p *image.Problem) bool {
	return p.Trouble == image.Denied || p.Trouble == image.Missing || p.Trouble == image.Limited
}

// unread says what becomes of an image behind x-fargate.pull_credentials, which no plan reads:
// the file names both the secret and the registry that would get it.
func (l *looking) unread(use translate.ImageUse, pin string) {
	help := "where docker is logged in, a plan pins it: docker login " + image.Host(use.Reference)
	if pin != "" {
		l.problems.Notef(use.Pos, use.Path, help, "%s needs credentials, which no plan reads: it stays at the running digest, %s", use.Reference, brief(pin))
		return
	}
	l.problems.Notef(use.Pos, use.Path, help, "%s needs credentials, which no plan reads: it is unpinned, and its digest is known after apply, by what the tag names then", use.Reference)
}

// remedy is what is wrong with an image, and what to do.
type remedy struct{ what, help string }

const goOffline = "--offline plans without asking any registry"

func trouble(p *image.Problem) remedy {
	host := image.Host(p.Reference)
	switch p.Trouble {
	case image.Malformed:
		help := "write NAME:TAG, or REGISTRY/NAME:TAG if it is not on Docker Hub"
		if strings.HasSuffix(p.Reference, ":") {
			help = "set the variable that the tag comes from, in .env or the environment"
		}
		return remedy{fmt.Sprintf("%q is not the name of an image", p.Reference), help}
	case image.Missing:
		return remedy{fmt.Sprintf("%s does not have %s, or shows it only after a login", host, p.Reference),
			"correct the name or the tag; if it is private, log in: docker login " + host}
	case image.Denied:
		return remedy{fmt.Sprintf("%s denies access to %s with these credentials, or does not have it", host, p.Reference),
			"correct the name, or log in: docker login " + host + "; " + goOffline}
	case image.Limited:
		return remedy{fmt.Sprintf("%s limits its requests, and refused to look up %s", host, p.Reference),
			"log in for a higher limit: docker login " + host + "; " + goOffline}
	case image.NoPlatform:
		return remedy{fmt.Sprintf("%s is available for neither linux/amd64 nor linux/arm64", p.Reference), "name an image that is available for one of them"}
	default:
		return remedy{fmt.Sprintf("%s cannot be looked up: %v", p.Reference, p.Err), goOffline}
	}
}

// noteMoved names the tags that mean another image by now than what runs.
func (l *looking) noteMoved(ctx context.Context) {
	if l.images.offline || len(l.pinned) == 0 {
		return
	}
	now := l.images.registries.Now(ctx, slices.Collect(maps.Keys(l.pinned)))
	for _, use := range l.uses {
		digest, pin := now[use.Reference], l.pinned[use.Reference]
		if digest == "" || pin == "" || digest == pin || use.Base {
			continue
		}
		l.problems.Notef(use.Pos, use.Path, "--pull updates it; pull_policy: always updates it in every plan",
			"%s now names another image, %s; what runs stays at %s", use.Reference, brief(digest), brief(pin))
	}
}

// noteOpen says which references stay as they are.
func (l *looking) noteOpen() {
	if len(l.open) == 0 {
		return
	}
	l.problems.Notef(diag.Pos{}, "", "", "no registry was asked (--offline): tasks run whatever these tags name when they start: %s", strings.Join(l.open, ", "))
}

// brief is as much of a digest as tells it from others.
func brief(digest string) string {
	const enough = len("sha256:") + 12
	return digest[:min(len(digest), enough)]
}
