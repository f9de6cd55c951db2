package spec

import (
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/plan"
)

// ImageKind is the kind of image/SERVICE.
const ImageKind = "image"

// Image is an image in a repository of the project: built, or a copy of another
// one, with or without a layer of files. What makes it is in Resource.Payload.
// It is immutable; Tag is a hash of all that it is made of. Attrs: digest, uri
// (of the repository with the digest).
type Image struct {
	Repository plan.Value `json:"repository"` // name
	Tag        string     `json:"tag"`
	Platform   string     `json:"platform"`       // linux/amd64 or linux/arm64
	Base       string     `json:"base,omitempty"` // reference of the image that is copied; "" where it is built
	// Context is a hash of the build: its context, Dockerfile, arguments, target.
	// "" where it is a copy.
	Context string `json:"context,omitempty"`
	// ContextFiles tell which file is behind another Context, which has them all: a
	// set. nil: it is not known.
	ContextFiles []ContextFile `json:"contextFiles,omitempty"`
	// Files are the layer on top, by path: a set.
	Files []ImageFile `json:"files,omitempty"`
	Tags  []Tag       `json:"tags,omitempty"` // always empty: every spec has the field
}

// ContextFile is a file of a build context, or a directory with all in it.
type ContextFile struct {
	Path string `json:"path"` // from the directory of the context
	Hash string `json:"hash"` // short: of its mode and content
}

// ImageFile is one file, directory or symbolic link of the layer on top.
type ImageFile struct {
	Path   string `json:"path"` // absolute, in the image
	Mode   string `json:"mode"` // octal permissions, with d or l before: 0644, d0755, l0777
	UID    int    `json:"uid"`
	GID    int    `json:"gid"`
	Link   string `json:"link,omitempty"`   // target of a symbolic link
	Opaque bool   `json:"opaque,omitempty"` // what the image below has in this directory is hidden, as a mount hides it
	SHA256 string `json:"sha256,omitempty"` // of the content, hexadecimal
	Size   int64  `json:"size,omitempty"`   // bytes
	// Text is the content where it is text and small, so that a plan can show what
	// changes in it.
	Text string `json:"text,omitempty"`
}

func imageRules() plan.Rules {
	return plan.Rules{
		Kind: ImageKind,
		New:  func() any { return &Image{} },
		Normalize: func(s any) {
			sortBy(s.(*Image).Files, func(f ImageFile) string { return f.Path })
			sortBy(s.(*Image).ContextFiles, func(f ContextFile) string { return f.Path })
		},
		Attrs:     []string{"digest", "uri"},
		Keys:      map[string][]string{"tags": {"key"}, "files": {"path"}, "contextFiles": {"path"}},
		Brief:     []string{"base", "context", "files"},
		Owner:     itself,
		Replace:   plan.NewRevision,
		Retained:  true,
		Decided:   decidedOfImage,
		Sensitive: sensitiveInImage,
	}
}

// HideFile is a file with secrets as plans and annotations have it: of its content a slow hash
// instead of SHA256, and neither its text nor its size.
func HideFile(m *plan.Masker, f ImageFile) ImageFile {
	f.Text, f.Size = "", 0
	f.SHA256 = m.Mask(plan.Address{Kind: ImageKind}, f.SHA256)
	return f
}

// sensitiveInImage says whether texts of a file may contain secrets.
func sensitiveInImage(path diag.Path, values []string) []bool {
	out := make([]bool, len(values))
	if len(path) == 3 && path[0] == "files" && path[2] == "text" {
		for i, text := range values {
			out[i] = sensitive.File(path[1], text)
		}
	}
	return out
}
