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
	// Environ is the environment of the program, NAME=VALUE, in which secrets of
	// builds may stand. Nil: that of this process.
	Environ []string
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
		out, err := exec.CommandContext(ctx, b.command(), question...).CombinedOutput()
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
	if err := b.run(ctx, arguments(s, tag)); err != nil {
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

// arguments is the docker command line for a build. Values of build arguments
// appear in it, as with compose: docker has no other way, and they are not
// secret there.
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
	add("--build-arg", pairs(s.Args)...)
	add("--build-context", pairs(s.AdditionalContexts)...)
	add("--label", pairs(s.Labels)...)
	for _, secret := range s.Secrets {
		add("--secret", secretArgument(secret))
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

func secretArgument(s spec.BuildSecret) string {
	if s.File != "" {
		return "id=" + s.ID + ",src=" + s.File
	}
	return "id=" + s.ID + ",env=" + s.Env
}
