package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
)

// FileKind is in the first lines of each plan file.
const FileKind = "compose2fargate.plan"

const (
	formatMajor   = "1"
	formatVersion = formatMajor + ".0"
	maxPlanBytes  = 64 << 20 // some hundred times the largest plan there is
	maxPlanDepth  = 100      // an order of magnitude above the deepest spec
)

// Encode seals p and writes it as one indented JSON document. The same plan
// gives the same bytes.
func (p *Plan) Encode(w io.Writer) error {
	if err := p.Seal(); err != nil {
		return err
	}
	data, err := marshal(p, "  ")
	if err != nil {
		return fmt.Errorf("encode plan: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// Seal sets the format version, the kind and the digest of p. The digest is the
// SHA-256 of the document without its digest, compact and with sorted keys. A
// plan that Decode would refuse is an error.
func (p *Plan) Seal() error {
	p.FormatVersion, p.Kind = formatVersion, FileKind
	p.fillLists()
	if err := p.Check(); err != nil {
		return fmt.Errorf("seal plan: %w", err)
	}
	digest, err := p.digest()
	if err != nil {
		return fmt.Errorf("seal plan: %w", err)
	}
	p.Digest = digest
	return nil
}

// fillLists makes lists that readers of the JSON walk without asking [], not
// null.
func (p *Plan) fillLists() {
	if p.Resources == nil {
		p.Resources = []*ResourcePlan{}
	}
	if p.Steps == nil {
		p.Steps = []Step{}
	}
	for _, r := range p.Resources {
		if r != nil && r.Actions == nil {
			r.Actions = []Action{}
		}
	}
}

// digest goes over the document a part at a time: all of it, as text and as values,
// would be ten times what the plan takes.
func (p *Plan) digest() (string, error) {
	head := *p
	head.Resources, head.Steps = nil, nil
	value, err := reread(head)
	if err != nil {
		return "", err
	}
	document := value.(map[string]any)
	if p.Resources != nil {
		document["resources"] = parts(p.Resources)
	}
	if p.Steps != nil {
		document["steps"] = parts(p.Steps)
	}
	return digestOf(document)
}

// reread is a value as a reader of its JSON finds it.
func reread(value any) (any, error) {
	data, err := marshal(value, "")
	if err != nil {
		return nil, err
	}
	var out any
	err = decodeInto(data, &out)
	return out, err
}

// parts yields the items of a list as reread does.
func parts[T any](list []T) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for _, item := range list {
			if !yield(reread(item)) {
				return
			}
		}
	}
}

// Decode reads a plan that Encode wrote. It refuses a file that is not a plan,
// that has another major format version, that was changed after it was written,
// or whose steps are invalid. It ignores fields that a later minor version
// added.
func Decode(r io.Reader) (*Plan, error) {
	data, err := readPlan(r)
	if err != nil {
		return nil, err
	}
	document, err := parseDocument(data)
	if err != nil {
		return nil, err
	}
	if err := checkHeader(document); err != nil {
		return nil, err
	}
	var p Plan
	if err := decodeInto(data, &p); err != nil {
		return nil, fmt.Errorf("this version cannot read the plan file: %w", err)
	}
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("the plan file is invalid: %w", err)
	}
	if err := p.checkForm(); err != nil {
		return nil, err
	}
	return &p, nil
}

// checkForm makes sure that nothing in a plan of this very version was passed
// over in reading: what is shown and applied is the whole of what was digested.
func (p *Plan) checkForm() error {
	if p.FormatVersion != formatVersion {
		return nil
	}
	digest, err := p.digest()
	if err != nil {
		return fmt.Errorf("read plan file: %w", err)
	}
	if digest != p.Digest {
		return errors.New("the plan file was not written by this tool: it has fields that its format version does not have")
	}
	return nil
}

func readPlan(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPlanBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read plan file: %w", err)
	}
	if len(data) > maxPlanBytes {
		return nil, fmt.Errorf("the plan file is larger than %d MiB: this is not a plan", maxPlanBytes>>20)
	}
	return data, checkSyntax(data)
}

func checkSyntax(data []byte) error {
	var raw json.RawMessage
	err := json.Unmarshal(data, &raw)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("the plan file is empty")
	case errors.As(err, &syntax) && strings.Contains(err.Error(), "after top-level value"):
		return fmt.Errorf("the plan file has data after its end, at byte %d", syntax.Offset)
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(data)):
		return errors.New("the plan file is cut off: it ends in the middle")
	case errors.As(err, &syntax):
		return fmt.Errorf("this is not a plan file: it is not JSON, at byte %d", syntax.Offset)
	default:
		return fmt.Errorf("the plan file is not JSON: %w", err)
	}
}

// checkHeader checks the document before any of it is decoded into a Plan: a
// document of another version may not even fit one.
func checkHeader(document map[string]any) error {
	if kind, _ := document["kind"].(string); kind != FileKind {
		return fmt.Errorf("this is not a plan file: its kind is %q, not %q", kind, FileKind)
	}
	if err := checkVersion(document); err != nil {
		return err
	}
	said, _ := document["digest"].(string)
	if said == "" {
		return errors.New("the plan file has no digest, so it cannot be verified")
	}
	digest, err := digestOf(document)
	if err != nil {
		return fmt.Errorf("read plan file: %w", err)
	}
	if said != digest {
		return errors.New("the plan file was changed after it was written: make a new plan")
	}
	return nil
}

func checkVersion(document map[string]any) error {
	version, _ := document["formatVersion"].(string)
	major, minor, _ := strings.Cut(version, ".")
	if major == formatMajor && minor != "" && strings.Trim(minor, "0123456789") == "" {
		return nil
	}
	return fmt.Errorf("the plan file has format version %q and this version reads %s.x: make a new plan", version, formatMajor)
}

// marshal writes JSON as people read it: < and & stay what they are.
func marshal(value any, indent string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// decodeInto reads valid JSON; numbers of any-typed fields keep their digits.
func decodeInto(data []byte, out any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(out)
}

// digestOf is the digest of a document, whose lists may be parts.
func digestOf(document map[string]any) (string, error) {
	hash, opening := sha256.New(), "{"
	for _, key := range slices.Sorted(maps.Keys(document)) {
		if key == "digest" {
			continue
		}
		name, err := compact(key)
		if err != nil {
			return "", err
		}
		io.WriteString(hash, opening+string(name)+":") //nolint:errcheck // a hash takes all
		if err := digestPart(hash, document[key]); err != nil {
			return "", err
		}
		opening = ","
	}
	io.WriteString(hash, "}") //nolint:errcheck // a hash takes all
	return "sha256:" + hex.EncodeToString(hash.Sum(nil)), nil
}

func digestPart(hash io.Writer, value any) error {
	var items iter.Seq2[any, error]
	switch list := value.(type) {
	case iter.Seq2[any, error]:
		items = list
	case []any:
		items = func(yield func(any, error) bool) {
			for _, item := range list {
				if !yield(item, nil) {
					return
				}
			}
		}
	default:
		data, err := compact(value)
		hash.Write(data) //nolint:errcheck // a hash takes all
		return err
	}
	separator := "["
	for item, err := range items {
		if err != nil {
			return err
		}
		data, err := compact(item)
		if err != nil {
			return err
		}
		io.WriteString(hash, separator) //nolint:errcheck // a hash takes all
		hash.Write(data)                //nolint:errcheck // a hash takes all
		separator = ","
	}
	if separator == "[" {
		io.WriteString(hash, separator) //nolint:errcheck // a hash takes all
	}
	_, err := io.WriteString(hash, "]")
	return err
}

// compact is a value as JSON without white space, keys sorted.
func compact(value any) ([]byte, error) {
	data, err := marshal(value, "") // sorts the keys of maps
	return bytes.TrimSuffix(data, []byte("\n")), err
}

// parseDocument reads valid JSON as it stands. A duplicate key is an
// error: two readers could take a different one.
func parseDocument(data []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	value, err := parseValue(decoder, 0)
	if err != nil {
		return nil, err
	}
	document, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("this is not a plan file: it holds no JSON object")
	}
	return document, nil
}

func parseValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	switch {
	case err != nil:
		return nil, fmt.Errorf("read plan file: %w", err)
	case depth > maxPlanDepth:
		return nil, fmt.Errorf("the plan file is nested more than %d levels deep: this is not a plan", maxPlanDepth)
	case token == json.Delim('{'):
		return parseObject(decoder, depth)
	case token == json.Delim('['):
		return parseList(decoder, depth)
	default:
		return token, nil
	}
}

func parseObject(decoder *json.Decoder, depth int) (any, error) {
	out := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read plan file: %w", err)
		}
		key := token.(string) // valid JSON has no other keys
		if _, double := out[key]; double {
			return nil, fmt.Errorf("the plan file has duplicate key %q in one object", key)
		}
		if out[key], err = parseValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return out, err
}

func parseList(decoder *json.Decoder, depth int) (any, error) {
	out := []any{}
	for decoder.More() {
		value, err := parseValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	_, err := decoder.Token()
	return out, err
}
