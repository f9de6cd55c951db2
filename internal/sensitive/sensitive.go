// Package sensitive judges whether a text may be shown: values of variables, words of
// command lines, texts of files. It is the one judgement of this program, which translation,
// plans, images and messages share. It looks at a name and a value; where a value came from
// is for its callers to know (see translate's origins).
//
// It is measured on the labelled lists in testdata.
package sensitive

import "strings"

// Name says whether the name of a variable, an option or a file says by itself that what it
// holds is a secret: DB_PASSWORD, apiKey, splunk-token. Names such as SMTP_AUTH, whose
// values decide, say nothing by themselves.
func Name(name string) bool { return judge(name) == secret }

// MayBe says whether a value under this name can be a secret that only its value tells.
func MayBe(name string) bool { return judge(name) != harmless }

// Is says whether a value must not be shown, because of the name under which it stands or
// because of its own form. "" and references to values, such as ${X}, are no secrets.
func Is(name, value string) bool {
	if strings.TrimSpace(value) == "" || isReference(value) {
		return false
	}
	switch judge(name) {
	case secret:
		if !isPlain(name, value) {
			return true
		}
	case maybe:
		if isOpaque(value) && !isPlain(name, value) {
			return true
		}
	}
	return Text(value)
}
