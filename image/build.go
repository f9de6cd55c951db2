package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Builder builds images with a program that has docker's command line.
type Builder struct {
	// Command is the program; "": docker. podman and nerdctl take the same words.
	Command string
	Output  io.Writer // what it says; nil: nowhere
	// Environ is the environment of the program, NAME=VALUE. Nil: that of this process.
	Environ []string
	// Variables are those of the project. The program does not get them, as they may say
	// which daemon it talks to or what it loads: only build secrets are taken from them.
	Variables map[string]string
}

// ErrNoBuilder is returned where the program is not there or does not build.
var ErrNoBuilder = errors.New("no builder")

func (b Builder) command() string { return cmp.Or(b.Command, "docker") }

// Check says whether the builder works: its program is there, and answers.
func (b Builder) Check(ctx context.Context) error {
	if _, err := exec.LookPath(b.command()); err != nil {
		return fmt.Errorf("%w: %w", ErrNoBuilder, err)
	}
	for _, question := range [][]string{{"buildx", "version"}, {"version"}} {
		cmd := exec.CommandContext(ctx, b.command(), question...)
		cmd.Env = b.Environ
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s %s: %w: %s", ErrNoBuilder, b.command(), strings.Join(question, " "), err, lastLine(out))
		}
	}
	return nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// Build builds an image from what has the hash want, see ReadContext, and returns a
// file that holds it, as docker save writes it. done removes the file. "" is any
// hash.
//
// It is loaded and saved, and not exported by buildx itself: the builder that
// comes with the Docker engine exports nothing unless its containerd image store
// is switched on (docker/buildx, driver "docker").
func (b Builder) Build(ctx context.Context, s spec.BuildSource, want string) (file string, done func(), err error) {
	dir, err := os.MkdirTemp("", "compose2fargate-build-")
	if err != nil {
		return "", nil, fmt.Errorf("build %s: %w", s.Service, err)
	}
	file = filepath.Join(dir, "image.tar")
	staged, err := stage(ctx, s, dir, want)
	if err == nil {
		err = b.build(ctx, staged, dir, file)
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return file, func() { _ = os.RemoveAll(dir) }, nil
}

// build works in a directory of its own.
func (b Builder) build(ctx context.Context, s spec.BuildSource, dir, file string) error {
	tag := "compose2fargate/build:" + strings.ToLower(filepath.Base(dir))
	if err := b.given(s).run(ctx, arguments(s, tag)); err != nil {
		return fmt.Errorf("build %s: %w", s.Service, err)
	}
	saved := b.run(ctx, []string{"save", "--output", file, tag})
	removed := b.run(context.WithoutCancel(ctx), []string{"image", "rm", tag})
	if err := errors.Join(saved, removed); err != nil {
		return fmt.Errorf("save the built image of %s: %w", s.Service, err)
	}
	return nil
}

func (b Builder) run(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, b.command(), args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = b.Output, b.Output, b.Environ
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", b.command(), strings.Join(args[:min(len(args), 2)], " "), err)
	}
	return nil
}

// given is the builder with the values that the command line of a build only names.
func (b Builder) given(s spec.BuildSource) Builder {
	if b.Environ == nil {
		b.Environ = os.Environ()
	}
	b.Environ = slices.Clone(b.Environ)
	for _, name := range sortedNames(s.Args) {
		if byName(name) {
			b.Environ = append(b.Environ, name+"="+s.Args[name]) // the last of a name wins
		}
	}
	for i, secret := range s.Secrets {
		if value, ok := b.Variables[secret.Env]; ok && secret.File == "" {
			b.Environ = append(b.Environ, secretVariable(i)+"="+value)
		}
	}
	return b
}

// steering are the beginnings of variables that programs on this machine act upon.
// Nothing in a compose file sets them for the builder.
var steering = regexp.MustCompile(`(?i)^(LD|DYLD|DOCKER|BUILDX|BUILDKIT|BUILDAH|CONTAINERS|CONTAINERD|NERDCTL|SSH|GIT|SSL|XDG|AWS|OTEL|COMPOSE|COMPOSE2FARGATE|LC|BASH)_` +
	`|^(PATH|HOME|SHELL|USER|TMPDIR|TMP|TEMP|IFS|ENV|BASHOPTS|SHELLOPTS|LANG|NLSPATH|LOCPATH|GCONV_PATH|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS|GODEBUG|GOTRACEBACK|GOMAXPROCS|[A-Z]+_PROXY)$`)

// byName says whether a build argument is given by its name alone, with the value in the
// environment of the builder, so that no list of processes shows the value.
func byName(argument string) bool { return !steering.MatchString(argument) }

// secretVariable is where the builder finds the value of a secret: under a name of ours.
func secretVariable(i int) string { return "COMPOSE2FARGATE_SECRET_" + strconv.Itoa(i) }

// arguments is the docker command line for a build; see given.
func arguments(s spec.BuildSource, tag string) []string {
	// Without provenance the image is one manifest and no index.
	out := []string{"buildx", "build", "--load", "--tag", tag, "--platform", s.Platform, "--provenance=false", "--progress", "plain"}
	add := func(flag string, values ...string) {
		for _, value := range values {
			if value != "" {
				out = append(out, flag, value)
			}
		}
	}
	add("--file", s.Dockerfile)
	add("--target", s.Target)
	add("--network", s.Network)
	for _, name := range sortedNames(s.Args) {
		if byName(name) {
			add("--build-arg", name)
		} else {
			add("--build-arg", name+"="+s.Args[name])
		}
	}
	add("--build-context", pairs(s.AdditionalContexts)...)
	add("--label", pairs(s.Labels)...)
	for i, secret := range s.Secrets {
		add("--secret", secretArgument(i, secret))
	}
	add("--ssh", s.SSH...)
	add("--cache-from", s.CacheFrom...)
	add("--cache-to", s.CacheTo...)
	add("--add-host", s.ExtraHosts...)
	add("--ulimit", s.Ulimits...)
	add("--allow", s.Entitlements...)
	if s.Privileged {
		add("--allow", "security.insecure")
	}
	if s.ShmSize > 0 {
		add("--shm-size", strconv.FormatInt(s.ShmSize, 10))
	}
	if s.Pull {
		out = append(out, "--pull")
	}
	if s.NoCache {
		out = append(out, "--no-cache")
	}
	return append(out, s.Context)
}

func sortedNames(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func pairs(m map[string]string) []string {
	var out []string
	for _, name := range sortedNames(m) {
		out = append(out, name+"="+m[name])
	}
	return out
}

func secretArgument(i int, s spec.BuildSecret) string {
	if s.File != "" {
		return "id=" + s.ID + ",src=" + s.File
	}
	return "id=" + s.ID + ",env=" + secretVariable(i)
}
