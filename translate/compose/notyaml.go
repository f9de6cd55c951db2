package compose

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
)

var lineNumber = regexp.MustCompile(`line (\d+)`)

// yamlTexts are what the YAML parser says that would repeat a part of the file, or that
// tells nobody what to write (scanner.go, parser.go, composer.go, reader.go and options.go of
// go.yaml.in/yaml/v4/internal/libyaml).
var yamlTexts = []struct {
	form          *regexp.Regexp
	summary, help string
}{
	{regexp.MustCompile(`unknown anchor `), "an alias, a value that begins with *, without an anchor", "put the value in quotes if the * is part of it"},
	{regexp.MustCompile(`unknown escape character`), "a text in double quotes has a backslash that begins no escape", `write \\ for a backslash, or put the text in single quotes`},
	{regexp.MustCompile(`invalid Unicode character escape`), "an escape in double quotes is of no character", "write the character itself"},
	{regexp.MustCompile(`unexpected end of stream`), "a quote is not closed", "close the quote"},
	{regexp.MustCompile(`mapping values are not allowed`), "a colon begins a value where none can be", "put a value that has a colon in it in quotes, and begin the keys of one mapping in the same column"},
	{regexp.MustCompile(`could not find expected ':'`), "a key has no value", "write KEY: VALUE"},
	{regexp.MustCompile(`did not find expected key`), "a key has to begin here", "begin the keys of one mapping in the same column, and close each { and [ once"},
	{regexp.MustCompile(`did not find expected '-'|block sequence entries`), "an item of a list cannot be here, or has to", "begin each item of a list with a - in the same column"},
	{regexp.MustCompile(`did not find expected ',' or '[\]}]'`), "a [ or a { is not closed", "close it, and put commas between what is in it"},
	{regexp.MustCompile(`did not find expected node content`), "a value has to begin here", "take this character out, or put the value in quotes"},
	{regexp.MustCompile(`did not find expected <document start>`), "more follows after the end of the document", "begin another document with ---"},
	{regexp.MustCompile(`incompatible YAML document`), "the line %YAML names a version that is not read", "leave the line out"},
	{regexp.MustCompile(`tab character`), "a tab indents the line", "indent with spaces"},
	{regexp.MustCompile(`cannot start any token`), "a value cannot begin with this character", "put the value in quotes"},
	{regexp.MustCompile(`exceeded max depth`), "more than " + strconv.Itoa(maxDepth) + " levels within each other", "nest less: nothing in compose or x-fargate is as deep"},
	{regexp.MustCompile(`excessive aliasing`), "aliases stand for more than the rest of the file by far", "leave out aliases that repeat each other"},
	{regexp.MustCompile(`already defined`), "a key is there twice", "remove one of the two keys"},
	{regexp.MustCompile(`cannot construct|cannot decode`), "a value is not of the type that its tag names", "leave the tag out"},
}

// yamlError reports what the YAML parser cannot read. The last line that it
// names is where it stopped.
func yamlError(file string, text []byte, err error, ds *diag.List) {
	at := diag.Pos{File: file, Line: 1, Column: 1}
	load, ok := err.(*yaml.LoadError) //nolint:errorlint // never wrapped
	if !ok {
		load = &yaml.LoadError{}
	}
	if load.Stage == "reader" {
		at.Line, at.Column = lineOf(text, load.Mark.Index)
		ds.Errorf(at, "", "remove it, or write it in double quotes as an escape such as \\u0001; a compose file is text in UTF-8",
			"this is not YAML: %s", byteText(text, load.Mark.Index))
		return
	}
	said := strings.TrimPrefix(err.Error(), "yaml: ")
	if all := lineNumber.FindAllStringSubmatch(said, -1); all != nil {
		at.Line, _ = strconv.Atoi(all[len(all)-1][1])
	}
	if load.Mark.Line > 0 {
		at.Line, at.Column = load.Mark.Line, max(load.Mark.Column, 1)
	}
	if isTab(text, load.Mark.Index) {
		said = "tab character"
	}
	for _, t := range yamlTexts {
		if t.form.MatchString(said) {
			ds.Errorf(at, "", t.help, "this is not YAML: %s", t.summary)
			return
		}
	}
	if i := strings.LastIndex(said, ": "); i >= 0 {
		said = said[i+2:]
	}
	ds.Errorf(at, "", "", "this is not YAML: %s", said)
}

func isTab(text []byte, index int) bool {
	return index >= 0 && index < len(text) && text[index] == '\t'
}

// lineOf are the line and the column of a byte, both from 1.
func lineOf(text []byte, index int) (line, column int) {
	before := text[:min(max(index, 0), len(text))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}

// byteText says what is wrong with the byte at which a text is none.
func byteText(text []byte, index int) string {
	switch {
	case index < 0 || index >= len(text):
		return "the file ends within a character"
	case utf8.FullRune(text[index:]) && !utf8.Valid(text[index:min(index+utf8.UTFMax, len(text))]) && text[index] >= utf8.RuneSelf:
		return fmt.Sprintf("byte 0x%02x is not part of a character in UTF-8", text[index])
	default:
		return fmt.Sprintf("byte 0x%02x is not allowed", text[index])
	}
}
