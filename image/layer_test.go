package image

import (
	"archive/tar"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// hub is a registry on this machine.
func hub(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// machine is an image for one platform with a web server's files.
func machine(t *testing.T, platform string) v1.Image {
	t.Helper()
	p, err := v1.ParsePlatform(platform)
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{
		OS: p.OS, Architecture: p.Architecture,
		Config: v1.Config{
			User: "101", WorkingDir: "/srv", Entrypoint: []string{"/entry"}, Cmd: []string{"serve"},
			ExposedPorts: map[string]struct{}{"8080/tcp": {}, "53/udp": {}},
			Volumes:      map[string]struct{}{"/data": {}},
			Healthcheck:  &v1.HealthConfig{Test: []string{"CMD", "true"}, Interval: time.Second, Retries: 2},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	img, err = Append(img, []spec.FileSource{text("/etc/nginx/mime.types", "types", 0o644)})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func text(path, content string, perm os.FileMode) spec.FileSource {
	return spec.FileSource{
		ImageFile: spec.ImageFile{Path: path, Size: int64(len(content)), Text: content},
		Content:   []byte(content), Perm: perm,
	}
}

func put(t *testing.T, reference string, img remote.Taggable) {
	t.Helper()
	ref, err := name.ParseReference(reference)
	if err != nil {
		t.Fatal(err)
	}
	switch img := img.(type) {
	case v1.ImageIndex:
		err = remote.WriteIndex(ref, img)
	case v1.Image:
		err = remote.Write(ref, img)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAPushedImageHasTheFilesAsDockerWouldMountThem pulls what was pushed and
// looks at every entry.
func TestAPushedImageHasTheFilesAsDockerWouldMountThem(t *testing.T) {
	host := hub(t)
	put(t, host+"/nginx:1", machine(t, "linux/amd64"))
	onDisk := filepath.Join(t.TempDir(), "nginx.conf")
	if err := os.WriteFile(onDisk, []byte("worker 1;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := []spec.FileSource{
		{ImageFile: spec.ImageFile{Path: "/etc/nginx/nginx.conf", Size: 10, UID: 33, GID: 34}, File: onDisk, Perm: 0o640},
		{ImageFile: spec.ImageFile{Path: "/etc/nginx/sites"}, Perm: 0o750},
		{ImageFile: spec.ImageFile{Path: "/etc/nginx/sites/current", Link: "../nginx.conf"}, Perm: 0o777},
		text("/run.sh", "#!/bin/sh\n", 0o755),
	}
	digest, err := New(Options{}).Make(t.Context(), Order{
		Source: spec.ImageSource{Base: host + "/nginx:1", Files: files}, Platform: "linux/amd64",
		To: Destination{Repository: host + "/shop/web", Tag: "abc"},
	}, Builder{})
	if err != nil {
		t.Fatal(err)
	}
	ref, _ := name.ParseReference(host + "/shop/web@" + digest)
	img, err := remote.Image(ref)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"etc/nginx/mime.types":    "0644 0:0 types",
		"etc/nginx/nginx.conf":    "0640 33:34 worker 1;\n",
		"etc/nginx/sites/":        "0750 0:0 ",
		"etc/nginx/sites/current": "0777 0:0 -> ../nginx.conf",
		"run.sh":                  "0755 0:0 #!/bin/sh\n",
	}
	if d := cmp.Diff(want, contents(t, img)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// contents lists what an image holds.
func contents(t *testing.T, img v1.Image) map[string]string {
	t.Helper()
	out := map[string]string{}
	stream := mutate.Extract(img)
	defer stream.Close()
	for in := tar.NewReader(stream); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		said := string(data)
		if h.Linkname != "" {
			said = "-> " + h.Linkname
		}
		name := h.Name
		if h.Typeflag == tar.TypeDir && !strings.HasSuffix(name, "/") {
			name += "/"
		}
		out[name] = strings.Join([]string{octal(h.Mode), owner(h) + " " + said}, " ")
	}
}

func octal(mode int64) string {
	const digits = "01234567"
	return "0" + string([]byte{digits[mode>>6&7], digits[mode>>3&7], digits[mode&7]})
}

func owner(h *tar.Header) string {
	number := func(n int) string {
		if n == 0 {
			return "0"
		}
		return string(rune('0'+n/10)) + string(rune('0'+n%10))
	}
	return number(h.Uid) + ":" + number(h.Gid)
}

func TestALayerDoesNotDependOnTimesOrOrder(t *testing.T) {
	onDisk := filepath.Join(t.TempDir(), "a")
	digest := func(files ...spec.FileSource) string {
		t.Helper()
		layer, err := Layer(files)
		if err != nil {
			t.Fatal(err)
		}
		h, err := layer.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return h.String()
	}
	write := func(content string, at time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(onDisk, []byte(content), 0o644), os.Chtimes(onDisk, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	file := spec.FileSource{ImageFile: spec.ImageFile{Path: "/a", Size: 1}, File: onDisk, Perm: 0o644}
	write("x", time.Unix(1, 0))
	first := digest(file, text("/b", "y", 0o644))
	write("x", time.Unix(1e9, 0))
	if again := digest(text("/b", "y", 0o644), file); again != first {
		t.Error("another time or order gives another layer")
	}
	write("z", time.Unix(1, 0))
	if other := digest(file, text("/b", "y", 0o644)); other == first {
		t.Error("another content gives the same layer")
	}
	if other := digest(text("/a", "x", 0o600), text("/b", "y", 0o644)); other == first {
		t.Error("another mode gives the same layer")
	}
}

func TestAFileThatShrankIsAnError(t *testing.T) {
	onDisk := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(onDisk, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	layer, err := Layer([]spec.FileSource{{ImageFile: spec.ImageFile{Path: "/a", Size: 100}, File: onDisk}})
	if err == nil {
		_, err = layer.Digest()
	}
	if err == nil || !strings.Contains(err.Error(), "/a") {
		t.Errorf("got %v", err)
	}
}

func TestTheSecondPushSendsNoLayer(t *testing.T) {
	host := hub(t)
	put(t, host+"/nginx:1", machine(t, "linux/amd64"))
	order := Order{
		Source:   spec.ImageSource{Base: host + "/nginx:1", Files: []spec.FileSource{text("/a", "x", 0o644)}},
		Platform: "linux/amd64", To: Destination{Repository: host + "/shop/web", Tag: "abc"},
	}
	first, err := New(Options{}).Make(t.Context(), order, Builder{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := New(Options{}).Make(t.Context(), order, Builder{})
	if err != nil || first != second {
		t.Errorf("%s, then %s: %v", first, second, err)
	}
}
