package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/diag"
)

// TestCredentialsOfTheRunnerAreNotTheFiles uses what whoever runs this has for itself in
// each form in which a file can ask for a variable, and some that only look so.
func TestCredentialsOfTheRunnerAreNotTheFiles(t *testing.T) {
	process := map[string]string{
		"GITHUB_TOKEN": "MUST-NOT-BE-SEEN", "AWS_SESSION_TOKEN": "MUST-NOT-BE-SEEN", "ACTIONS_RUNTIME_TOKEN": "MUST-NOT-BE-SEEN",
		"AWS_SECRET_ACCESS_KEY": "MUST-NOT-BE-SEEN", "AWS_REGION": "eu-west-1", "DB_PASSWORD": "handed-in", "CI_JOB_TOKEN": "",
	}
	for _, test := range []struct {
		name  string
		file  string            // of service web, from line 4 on
		files map[string]string // beside it
		want  []string          // places
	}{
		{name: "a value", file: "environment: {MODE: '${GITHUB_TOKEN}'}", want: []string{"compose.yaml:4:25"}},
		{name: "a default", file: "environment: ['MODE=${GITHUB_TOKEN:-none}']", want: []string{"compose.yaml:4:19"}},
		{name: "a default within a default", file: "environment: ['MODE=${X:-${AWS_SESSION_TOKEN-}}']", want: []string{"compose.yaml:4:19"}},
		{name: "an alternative", file: "environment: ['MODE=${GITHUB_TOKEN:+$GITHUB_TOKEN}']", want: []string{"compose.yaml:4:19"}},
		{name: "required", file: "environment: ['MODE=${GITHUB_TOKEN:?is needed}']", want: []string{"compose.yaml:4:19"}},
		{name: "a name alone", file: "environment: [GITHUB_TOKEN]", want: []string{"compose.yaml:4:19"}},
		{name: "a name without a value", file: "environment: {GITHUB_TOKEN: }", want: []string{"compose.yaml:4:33"}},
		{name: "a command", file: "command: [x, \"${ACTIONS_RUNTIME_TOKEN}\"]", want: []string{"compose.yaml:4:18"}},
		{name: "a tag", file: "labels: {a: '$GITHUB_TOKEN'}", want: []string{"compose.yaml:4:17"}},
		{name: "build arguments", file: "build: {context: ., args: [GITHUB_TOKEN, 'B=$AWS_SESSION_TOKEN']}", want: []string{"compose.yaml:4:32", "compose.yaml:4:46"}},
		{name: "a secret", file: "secrets: [s]\nsecrets: {s: {environment: AWS_SECRET_ACCESS_KEY}}", want: []string{"compose.yaml:5:28"}},
		{name: "a config", file: "configs: [s]\nconfigs: {s: {environment: GITHUB_TOKEN}}", want: []string{"compose.yaml:5:28"}},
		{name: "the text of a config", file: "configs: [s]\nconfigs: {s: {content: 'a $GITHUB_TOKEN'}}", want: []string{"compose.yaml:5:24"}},
		{name: "an env file", file: "env_file: a.env", files: map[string]string{"a.env": "A=1\nGITHUB_TOKEN\nB=${AWS_SESSION_TOKEN}\n"}, want: []string{"a.env:2:1", "a.env:3:3"}},
		{name: "a raw env file", file: "env_file: [{path: a.env, format: raw}]", files: map[string]string{"a.env": "A=$GITHUB_TOKEN\nGITHUB_TOKEN\n"}, want: []string{"a.env:2:1"}},
		{name: ".env", file: "environment: ['A=$OTHER']", files: map[string]string{".env": "OTHER=${GITHUB_TOKEN}\n"}, want: []string{".env:1:7"}},
		{name: ".env through another", file: "environment: ['A=$LAST']", files: map[string]string{".env": "OTHER=x${GITHUB_TOKEN}\nLAST=$OTHER\n"}, want: []string{".env:1:8"}},
		{name: ".env with a colon", file: "environment: ['A=$OTHER']", files: map[string]string{".env": "OTHER: ${GITHUB_TOKEN}\n"}, want: []string{".env:1:8"}},
		{name: ".env passed on", file: "environment: [OTHER]", files: map[string]string{".env": "export OTHER=$GITHUB_TOKEN\n"}, want: []string{".env:1:14"}},
		{name: ".env of a secret", file: "secrets: [s]\nsecrets: {s: {environment: OTHER}}", files: map[string]string{".env": "OTHER=$GITHUB_TOKEN\n"}, want: []string{".env:1:7"}},
		{name: ".env and an env file", file: "env_file: a.env", files: map[string]string{".env": "OTHER=$GITHUB_TOKEN\n", "a.env": "A=${OTHER}\n"}, want: []string{".env:1:7"}},
		{name: ".env that names the same", file: "environment: ['A=$GITHUB_TOKEN']", files: map[string]string{".env": "GITHUB_TOKEN=$GITHUB_TOKEN\n"}, want: []string{".env:1:14"}},
		{name: ".env that says what is read", file: "tty: true", files: map[string]string{".env": "COMPOSE_PROFILES=$GITHUB_TOKEN\n"}, want: []string{".env:1:18"}},
		{name: ".env unused", file: "tty: true", files: map[string]string{".env": "OTHER=${AWS_SESSION_TOKEN}\nGITHUB_TOKEN\nLAST=$OTHER\n"}},
		{name: ".env in another profile", file: "tty: true\n  b: {image: a, profiles: [b], environment: [OTHER]}", files: map[string]string{".env": "OTHER=${AWS_SESSION_TOKEN}\n"}},
		{name: ".env that is overridden", file: "environment: ['A=$DB_PASSWORD']", files: map[string]string{".env": "DB_PASSWORD=${GITHUB_TOKEN}\n"}},
		{name: ".env with a later line", file: "environment: ['A=$OTHER']", files: map[string]string{".env": "OTHER=${GITHUB_TOKEN}\nOTHER=own\n"}},
		{name: "what is extended", file: "extends: {file: base.yaml, service: b}", files: map[string]string{"base.yaml": "services: {b: {environment: [GITHUB_TOKEN]}}\n"}, want: []string{"base.yaml:1:30"}},
		{name: "what is included", file: "tty: true\ninclude: [base.yaml]", files: map[string]string{"base.yaml": "services: {b: {image: a, environment: [GITHUB_TOKEN]}}\n"}, want: []string{"base.yaml:1:40"}},

		{name: "set by .env", file: "environment: [GITHUB_TOKEN, 'A=${AWS_SESSION_TOKEN}']", files: map[string]string{".env": "GITHUB_TOKEN=own\nAWS_SESSION_TOKEN=own\n"}},
		{name: "escaped", file: "environment: ['A=$$GITHUB_TOKEN $${GITHUB_TOKEN}']"},
		{name: "in single quotes", file: "env_file: a.env", files: map[string]string{"a.env": "A='${GITHUB_TOKEN}'\n#$GITHUB_TOKEN\nB=1 # $GITHUB_TOKEN\n"}},
		{name: "a variable of the container", file: "environment: {GITHUB_TOKEN: own}"},
		{name: "what is no credential", file: "environment: ['A=${AWS_REGION}', DB_PASSWORD]"},
		{name: "a credential without a value", file: "environment: ['A=${CI_JOB_TOKEN:-}']"},
		{name: "another profile", file: "profiles: [never]\n    environment: [GITHUB_TOKEN]\n  other: {image: a}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			image := "    image: a\n"
			if strings.HasPrefix(test.file, "build") || strings.HasPrefix(test.file, "extends") {
				image = "    init: true\n"
			}
			files := map[string]string{"compose.yaml": "services:\n  web:\n" + image + "    " + test.file + "\n", "Dockerfile": "FROM a\n"}
			for name, text := range test.files {
				files[name] = text
			}
			if base, ok := files["base.yaml"]; ok && strings.HasPrefix(test.file, "extends") {
				files["base.yaml"] = strings.Replace(base, "{b: {", "{b: {image: a, ", 1)
				test.want = []string{"base.yaml:1:40"}
			}
			for name, text := range files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			ds, shown := withCredentials(t, Options{Dir: dir, ProjectName: "x", Environment: process})
			var got []string
			for _, d := range ds {
				if d.Severity == diag.Error {
					got = append(got, fmt.Sprintf("%s:%d:%d", d.Pos.File, d.Pos.Line, d.Pos.Column))
				}
				if !strings.Contains(d.Summary, "credential of whoever runs this") {
					t.Errorf("something else is said: %s", d)
				}
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("-want +got:\n%s%v", d, ds)
			}
			if strings.Contains(shown, "MUST-NOT-BE-SEEN") {
				t.Errorf("the value is in the project:\n%s", shown)
			}

			allowed := Options{Dir: dir, ProjectName: "x", Environment: process, AllowEnv: []string{"GITHUB_TOKEN", "AWS_SESSION_TOKEN", "AWS_SECRET_ACCESS_KEY", "ACTIONS_RUNTIME_TOKEN"}}
			if ds, _ := withCredentials(t, allowed); ds.HasErrors() {
				t.Errorf("with --allow-env: %v", ds)
			}
		})
	}
}

// withCredentials loads a project and returns all that is said of it, and all that is in it.
func withCredentials(t *testing.T, o Options) (diag.List, string) {
	t.Helper()
	p, ds := Load(t.Context(), o)
	if p == nil {
		return ds, ""
	}
	return append(ds, p.BlankVariables()...).Sorted(), fmt.Sprint(p.Compose.Services, p.Compose.Secrets, p.Compose.Configs, p.Model)
}

// TestCredentialsByName has some of the names that CI systems use, and some like them.
func TestCredentialsByName(t *testing.T) {
	for name, want := range map[string]bool{
		"CI_BUILD_TOKEN": true, "CI_BUILD_REPO": true, "CI_BUILD_REF": false, "SPACELIFT_OIDC_TOKEN": true, "SPACELIFT_RUN_ID": false,
		"GITEA_TOKEN": true, "SEMAPHORE_ARTIFACT_TOKEN": true, "SEMAPHORE_GIT_SHA": false,
		"TFC_WORKLOAD_IDENTITY_TOKEN": true, "TFC_WORKLOAD_IDENTITY_TOKEN_VAULT": true, "TFC_RUN_ID": false,
		"VSS_NUGET_ACCESSTOKEN": true, "VSS_NUGET_EXTERNAL_FEED_ENDPOINTS": true, "VSS_NUGET_URI_PREFIXES": false,
		"NPM_TOKEN": false, "APP_TOKEN": false,
	} {
		if got := IsCredential(name); got != want {
			t.Errorf("%s is a credential: %t", name, got)
		}
	}
	for system, want := range map[string]string{"windows": "AWS_SECRET_ACCESS_KEY", "linux": "aws_Secret_access_key"} {
		if got := variableOn(system, "aws_Secret_access_key"); got != want {
			t.Errorf("on %s: %s, want %s", system, got, want)
		}
	}
}
