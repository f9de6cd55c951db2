package translate

import (
	"path"
	"slices"
	"strings"
)

// configEndings are those of files that configure programs, or start them.
var configEndings = strings.Fields(`.conf .cfg .cnf .ini .config .yml .yaml .json .jsonc .json5 .toml .properties .options .env .sh .bash .ash .hcl .vcl .xml
	.alloy .river .caddy .pipeline .acl`)

// templateEndings are those that a template has behind that of what becomes of it.
var templateEndings = strings.Fields(".template .tmpl .tpl .tpl.sh .j2 .jinja .jinja2 .erb .in .dist .default")

// configNames are the same without an ending.
var configNames = strings.Fields(`caddyfile corefile procfile entrypoint docker-entrypoint start run wait-for wait-for-it supervisord default nginx`)

// notRead are endings of files that no program reads for the name of a host: what people
// read, data, keys.
var notRead = strings.Fields(`.md .html .htm .css .svg .sql .csv .tsv .pem .crt .cer .key .pub .lock .map .lic .license .png .jpg .ico .gz .zip .tar
	.jar .war .db .sqlite .sqlite3 .rdb .log .list .txt`)

// isReadable says whether a file that is mounted by itself may name hosts.
func isReadable(name string) bool {
	return !slices.Contains(notRead, path.Ext(strings.ToLower(name))) && !isOfTools(name)
}

// isConfiguration says whether a file of a directory is configuration, by its name.
func isConfiguration(name string) bool {
	base := strings.ToLower(path.Base(withoutTemplate(name)))
	return slices.Contains(configEndings, path.Ext(base)) && path.Ext(base) != base || slices.Contains(configNames, base) ||
		path.Ext(base) == "" && (within(name, "/etc") || strings.HasSuffix(path.Dir(name), ".d"))
}

func withoutTemplate(name string) string {
	for _, ending := range templateEndings {
		if cut, ok := strings.CutSuffix(name, ending); ok {
			return cut
		}
	}
	return name
}

func isTemplate(name string) bool { return withoutTemplate(name) != name }

// isOfTools says whether a file is for whoever builds, tests or starts the project, and not
// for a service.
func isOfTools(name string) bool {
	base := strings.ToLower(name)
	return strings.HasPrefix(base, ".") && base != ".env" || slices.ContainsFunc(toolFiles, func(start string) bool { return strings.HasPrefix(base, start) }) ||
		strings.HasSuffix(base, ".schema.json") || strings.Contains(base, "-lock.") || strings.Contains(base, ".lock")
}

var toolFiles = strings.Fields(`docker-compose compose. compose- package.json tsconfig composer.json renovate.json openapi swagger mkdocs angular.json nx.json
	lerna.json deno.json turbo.json vercel.json biome.json jest. cypress. playwright. tslint eslint codecov skaffold chart.yaml values. kustomization
	app.json manifest.json cloudbuild appveyor bitbucket-pipelines azure-pipelines gradle pom.xml phpunit pnpm-`)

// isShieldOrHidden says whether a directory holds what tools put there.
func isShieldOrHidden(dir string) bool {
	return strings.HasPrefix(dir, ".") || slices.Contains(shieldNames, dir) && dir != "bin" && dir != "build"
}

// isAside says whether a directory of a source tree holds nothing that its program reads when it runs in
// a container.
func isAside(dir string) bool { return slices.Contains(asideNames, dir) }

var asideNames = strings.Fields(`test tests __tests__ spec specs e2e cypress fixtures testdata mocks examples example samples sample demo docs doc k8s kubernetes
	helm charts terraform ansible manifests deploy deployments infra locale locales i18n translations migrations static assets public dashboards stubs
	benchmarks storybook ci hack tools`)
