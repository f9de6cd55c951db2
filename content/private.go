package content

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
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

// exampleStems are names of such files before their ending.
var exampleStems = strings.Fields("example sample template dist default defaults")

// A private key is at the beginning of a file, or what a line begins with: certificates
// come before it, and settings around it.
var (
	keyMark  = []byte("PRIVATE KEY-----")
	keyLines = regexp.MustCompile(`(?m)^[ \t]*-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----[ \t]*\r?$`)
	// publicKeys are heads of files of keys that are for everybody, and of what has keys
	// of other kinds.
	publicKeys = regexp.MustCompile(`^\s*(ssh-|ecdsa-|sk-|-----BEGIN ([A-Z0-9]+ )*(PUBLIC KEY|CERTIFICATE)|---- BEGIN SSH2 PUBLIC|PK\x03\x04)`)
)

// dependencies are directories of other people's files, with keys for their tests.
var dependencies = strings.Fields("node_modules vendor site-packages .venv venv")

// beginBytes is how much of a file Private is told.
const beginBytes = 128 << 10

// Private says why a file, by its name and how it begins, is not for everybody who can
// pull an image; "": nothing about it says so.
func Private(name string, begin []byte) string {
	if slices.ContainsFunc(strings.Split(path.Dir(name), "/"), func(dir string) bool { return slices.Contains(dependencies, dir) }) {
		return ""
	}
	base := strings.ToLower(path.Base(name))
	ending := path.Ext(base)
	stem := strings.TrimSuffix(base, ending)
	switch {
	case slices.Contains(examples, ending):
		return ""
	case hasKey(begin), slices.Contains(keyStores, ending), ending == ".key" && !strings.Contains(stem, "pub") && !publicKeys.Match(begin):
		return "a private key"
	case base == ".envrc" || strings.HasPrefix(base, ".env."), ending == ".env" && !isExample(stem):
		return "a file of variables"
	case slices.Contains(privateNames, base), slices.Contains(privateEndings, ending) && slices.Contains(privateStems, stem):
		return "a file of passwords"
	}
	return ""
}

// PrivateFile is Private of a regular file of this machine; "" where it cannot be read.
func PrivateFile(file string) string {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return Private(filepath.Base(file), headOf(file, beginBytes))
}

func hasKey(begin []byte) bool {
	return bytes.Contains(begin[:min(len(begin), headBytes)], keyMark) || bytes.Contains(begin, []byte("PRIVATE KEY")) && keyLines.Match(begin)
}

// isExample says whether a part of a name tells that the file is to be copied and filled in.
func isExample(stem string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(stem, func(r rune) bool { return strings.ContainsRune(".-_", r) }),
		func(part string) bool { return slices.Contains(exampleStems, part) })
}
