package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
)

func encoded(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// FuzzDecode checks that whatever plan.Decode lets in can be shown: nothing in it
// breaks out of a line or of a comment.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"change", "hostile", "nothing"} {
		f.Add(encoded(f, readCase(f, name)))
	}
	// Small documents, which mutate into other documents sooner than into rubble.
	for _, document := range []string{
		`{}`,
		`{"formatVersion":"1.9","resources":[]}`,
		`{"target":{"project":"a"},"resources":[{"address":"service/a","actions":["create"],"changes":[{"path":["a","b"],"op":"create","to":{"a":["b",1]}}]}]}`,
		`{"resources":[{"address":"role/a","actions":["update"],"cause":"drift","changes":[{"path":["a"],"op":"update","from":"a\nb","to":"argon2id:a","sensitive":true}]}],"steps":[{"id":"role/a#update","address":"role/a","verb":"update","after":[]}]}`,
		`{"guards":[{"address":"a/b","message":"c"}],"diagnostics":[{"severity":"error","position":{"file":"a"},"summary":"b"}]}`,
	} {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkDecode(t, data)
		checkDecode(t, canonicalPlan(data))
	})
}

// canonicalPlan reads any document as a plan of this version and writes that,
// so that fuzzing gets past the checks of the header and of the form.
func canonicalPlan(data []byte) []byte {
	var p plan.Plan
	if err := json.Unmarshal(data, &p); err != nil {
		return data
	}
	var b bytes.Buffer
	if err := p.Encode(&b); err != nil {
		return data
	}
	return b.Bytes()
}

func checkDecode(t *testing.T, data []byte) {
	t.Helper()
	p, err := plan.Decode(bytes.NewReader(data))
	if err != nil {
		if p != nil || strings.Contains(fmt.Sprint(err), "\n") {
			t.Fatalf("refused with %v and %q", p, err)
		}
		return
	}
	version, digest := p.FormatVersion, p.Digest
	text(t, p, TextOptions{Color: true, Width: 60})
	text(t, p, TextOptions{Full: true})
	comment := markdown(t, p, MarkdownOptions{})
	checkComment(t, comment, githubLimit)
	encoded(t, p)
	if version == "1.0" && p.Digest != digest {
		t.Fatalf("digest %s became %s", digest, p.Digest)
	}
}
