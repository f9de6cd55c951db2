package content

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// privateNames are files that hold passwords or keys, whatever is in them today.
var privateNames = strings.Fields(`.htpasswd .pgpass .netrc .npmrc .pypirc .my.cnf .git-credentials .dockercfg .vault-password vault-password
	id_rsa id_dsa id_ecdsa id_ed25519 credentials`)

// privateStems are names of such files without their ending.
var (
	privateStems   = strings.Fields("password passwords passwd secret secrets credentials")
	privateEndings = append(strings.Fields(".txt .conf .ini .yaml .yml .json .toml .properties"), "")
	keyStores      = strings.Fields(".p12 .pfx .jks .keystore .kdbx .ppk")
)

// examples are endings of files that are there to be copied and filled in.
var examples = strings.Fields(".example .sample .template .dist .tmpl .tpl .defaults")

// dependencies are directories of other people's files, with keys for their tests.
var dependencies = strings.Fields("node_modules vendor site-packages .venv venv")

// Private says why a file, by its name and how it begins, is not for everybody who can pull an image; "": nothing
// about it says so.
func Private(name string, head []byte) string {
	if slices.ContainsFunc(strings.Split(path.Dir(name), "/"), func(dir string) bool { return slices.Contains(dependencies, dir) }) {
		return ""
	}
	base := strings.ToLower(path.Base(name))
	ending := path.Ext(base)
	switch {
	case slices.Contains(examples, ending):
		return ""
	case bytes.Contains(head, []byte("PRIVATE KEY-----")), slices.Contains(keyStores, ending):
		return "a private key"
	case base == ".env" || strings.HasPrefix(base, ".env."):
		return "a file of variables"
	case slices.Contains(privateNames, base),
		slices.Contains(privateEndings, ending) && slices.Contains(privateStems, strings.TrimSuffix(base, ending)):
		return "a file of passwords"
	}
	return ""
}
