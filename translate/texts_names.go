package translate

import (
	"path"
	"regexp"
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
var notRead = strings.Fields(`.md .html .htm .css .svg .sql .csv .tsv .pem .crt .cer .key .pub .lic .license .png .jpg .ico .gz .zip .tar
	.jar .war .db .sqlite .sqlite3 .rdb .log`)

// isReadable says whether a file that is mounted by itself may name hosts: it is there for the
// service, whatever it is called.
func isReadable(name string) bool {
	return !slices.Contains(notRead, path.Ext(strings.ToLower(name))) && !isComposeFile(name)
}

var composeFile = regexp.MustCompile(`^(docker-)?compose\b.*\.ya?ml$`)

func isComposeFile(name string) bool { return composeFile.MatchString(strings.ToLower(name)) }

// isConfiguration says whether a file of a directory is configuration, by its name.
func isConfiguration(name string) bool {
	base := strings.ToLower(path.Base(withoutTemplate(name)))
	ending := path.Ext(base)
	switch {
	case ending == base: // .env
		return isDotEnv(name)
	case slices.Contains(configEndings, ending), slices.Contains(configNames, base), isDotEnv(name):
		return true
	case ending == "":
		return isTemplate(name) || within(name, "/etc") || strings.HasSuffix(path.Dir(name), ".d")
	default:
		return isSettings(name)
	}
}

// dotEnv are the names of files of variables that frameworks read where the stack runs.
var dotEnv = regexp.MustCompile(`^\.env(\.(local|prod|production|docker)){0,2}$`)

func isDotEnv(name string) bool { return dotEnv.MatchString(strings.ToLower(path.Base(name))) }

// codeEndings are those of source code.
var codeEndings = strings.Fields(".py .js .mjs .cjs .ts .mts .cts .php .rb .go .java .kt .cs .ex .exs .lua .pl .rs .scala .groovy")

// settingsNames are files of source code in which frameworks have their configuration: settings.py
// of Django, next.config.js, config/runtime.exs of Phoenix, wp-config.php.
var settingsNames = regexp.MustCompile(`^(.*[._-])?(config|conf|configuration|settings|environment|database|development|production|runtime|prod)\.[a-z]+$`)

// isSettings says whether source code is the configuration of a framework.
func isSettings(name string) bool {
	base, dir := strings.ToLower(path.Base(name)), path.Base(path.Dir(name))
	return slices.Contains(codeEndings, path.Ext(base)) && !testFile.MatchString(base) &&
		(settingsNames.MatchString(base) || dir == "config" || dir == "settings")
}

// isSourceCode says whether a file of a directory is source code that runs in the service, or says
// how: package.json.
func isSourceCode(name string) bool {
	base := strings.ToLower(path.Base(name))
	return slices.Contains(codeEndings, path.Ext(base)) && !isSettings(name) && !testFile.MatchString(base) || base == "package.json"
}

var testFile = regexp.MustCompile(`^(test_|conftest\.)|[._-](test|tests|spec|stories|min|d|bundle)\.[a-z]+$|(test|tests)\.(java|kt|cs|php|scala)$`)

// isWritten says whether a file is what people write, and not data.
func isWritten(name string) bool {
	return !slices.Contains([]string{".json", ".xml", ""}, path.Ext(strings.ToLower(name)))
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
	return strings.HasPrefix(base, ".") && !isDotEnv(name) || slices.ContainsFunc(toolFiles, func(start string) bool { return strings.HasPrefix(base, start) }) ||
		strings.HasSuffix(base, ".schema.json") || strings.Contains(base, "-lock.") || strings.Contains(base, ".lock")
}

var toolFiles = strings.Fields(`docker-compose compose. compose- tsconfig composer.json renovate.json openapi swagger mkdocs angular.json nx.json
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
