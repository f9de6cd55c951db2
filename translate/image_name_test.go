package translate

import "testing"

func TestAnImageIsKnownByWhoPublishesIt(t *testing.T) {
	for image, want := range map[string]string{
		"nginx":      "nginx",
		"Nginx:1.27": "nginx:1.27",
		"docker.io/library/nginx:1.27@sha256:abc": "nginx:1.27",
		"index.docker.io/nginx":                   "nginx",
		"library/nginx":                           "nginx",
		"public.ecr.aws/docker/library/nginx:1":   "nginx:1",
		"mirror.gcr.io/library/nginx":             "nginx",
		"docker.io/bitnami/redis:7":               "bitnami/redis:7",
		"lscr.io/linuxserver/swag:latest":         "linuxserver/swag:latest",
		"ghcr.io/linuxserver/swag":                "linuxserver/swag",
		"ghcr.io/element-hq/synapse":              "element-hq/synapse",
		// of others
		"ghcr.io/nginx":                       "ghcr.io/nginx",
		"ghcr.io/nginx/nginx:1":               "ghcr.io/nginx/nginx:1",
		"ghcr.io/library/nginx":               "ghcr.io/library/nginx",
		"lscr.io/nginx":                       "lscr.io/nginx",
		"public.ecr.aws/nginx/nginx":          "public.ecr.aws/nginx/nginx",
		"localhost:5000/nginx":                "localhost:5000/nginx",
		"registry.example.org:443/a/nginx:x1": "registry.example.org:443/a/nginx:x1",
		// no references
		"":                  "",
		"${IMAGE}":          "${image}",
		"nginx:${TAG}":      "nginx:${tag}",
		"${REGISTRY}/nginx": "${registry}/nginx",
	} {
		if got := nameOf(image).tagged(); got != want {
			t.Errorf("%s: got %s, want %s", image, got, want)
		}
	}
}

func BenchmarkNameOf(b *testing.B) {
	for b.Loop() {
		nameOf("registry.example.org:443/team/nginx:1.27")
	}
}
