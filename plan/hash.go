package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/fault"
)

// Masker replaces the secret values of one target by slow hashes, so that what is
// stored or compared outside the process shows whether a value changed and nothing
// else. The same stack gives the same bytes; the same value at two addresses gives
// two hashes, of which only the first takes long. It is safe for concurrent use.
type Masker struct {
	salt   []byte
	hidden []string // secrets of the stack, which are masked wherever they stand
	mu     sync.Mutex
	known  map[string]func() []byte // the slow hashes by value
}

// NewMasker returns a masker for the values of one project in one account and region.
func NewMasker(target Target) *Masker {
	salt := sha256.Sum256([]byte(strings.Join([]string{"compose2fargate", target.Account, target.Region, target.Project}, "\x00")))
	return &Masker{salt: salt[:16], known: map[string]func() []byte{}}
}

// SecretPrefix begins the hash that stands in a plan in place of a secret value.
const SecretPrefix = "argon2id:"

// Mask is what stands in a plan in place of a secret value of the resource at an address: ""
// for "", and a masked value for itself.
func (m *Masker) Mask(address Address, value string) string { return m.mask(address, value) }

// mask does what Mask says.
func (m *Masker) mask(address Address, value string) string {
	if strings.HasPrefix(value, SecretPrefix) || value == "" {
		return value
	}
	mac := hmac.New(sha256.New, m.slow(value))
	mac.Write([]byte(address.String())) //nolint:errcheck // a hash takes all
	return SecretPrefix + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// slow hashes with argon2id at 7 MiB, five passes, one lane: of the settings that
// OWASP recommends as equal (Password Storage Cheat Sheet) the one that takes least
// memory, of which a plan may need hundreds.
func (m *Masker) slow(value string) []byte {
	m.mu.Lock()
	hash, ok := m.known[value]
	if !ok {
		hash = sync.OnceValue(func() []byte { return argon2.IDKey([]byte(value), m.salt, 5, 7*1024, 1, 16) })
		m.known[value] = hash
	}
	m.mu.Unlock()
	return hash()
}

// Short is eight hexadecimal digits that distinguish the values of a secret. They
// reveal nothing else, because they are cut from a slow, salted hash. It is used
// in the names of resources that hold a secret.
func (m *Masker) Short(address Address, value string) string {
	sum := sha256.Sum256([]byte(m.mask(address, value)))
	return hex.EncodeToString(sum[:4])
}

// FormerShort is Short as the first release had it: each address with a salt of its own.
func FormerShort(target Target, address Address, value string) string {
	salt := sha256.Sum256([]byte(strings.Join([]string{"compose2fargate", target.Account, target.Region, target.Project, address.String()}, "\x00")))
	masked := SecretPrefix + base64.RawURLEncoding.EncodeToString(argon2.IDKey([]byte(value), salt[:16], 2, 19*1024, 1, 16))
	sum := sha256.Sum256([]byte(masked))
	return hex.EncodeToString(sum[:4])
}

// prepare hashes the secrets of all resources on all processors: each takes some
// tens of milliseconds, on purpose.
func (m *Masker) prepare(kinds Kinds, resources []*Resource) {
	group := fault.NewGroup(runtime.GOMAXPROCS(0))
	for _, r := range resources {
		group.Go(func() { m.tree(kinds[r.Address.Kind], r.Address, r.canonical) })
	}
	group.Wait()
}

// values are all that was masked, sorted.
func (m *Masker) values() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.known))
}

// tree returns a canonical tree with every secret value masked. It shares with t
// what holds none.
func (m *Masker) tree(rules Rules, address Address, t tree) tree {
	if rules.Sensitive == nil && len(m.hidden) == 0 {
		return t
	}
	masked, _ := m.node(rules, address, nil, t)
	return masked.(tree)
}

// node returns node itself and false if it holds no secret value.
func (m *Masker) node(rules Rules, address Address, path diag.Path, node any) (any, bool) {
	switch node := node.(type) {
	case tree:
		return m.branch(rules, address, path, node)
	case []any:
		if texts, ok := textsOf(node); ok {
			return m.list(rules, address, path, node, texts)
		}
		return m.items(rules, address, path, node)
	case string:
		if m.isSecret(rules, path, []string{node})[0] {
			return m.mask(address, node), true
		}
	}
	return node, false
}

func (m *Masker) branch(rules Rules, address Address, path diag.Path, node tree) (any, bool) {
	out, found := node, false
	for name, child := range node {
		if masked, ok := m.node(rules, address, path.Key(name), child); ok {
			if !found {
				out, found = maps.Clone(node), true
			}
			out[name] = masked
		}
	}
	return out, found
}

func (m *Masker) items(rules Rules, address Address, path diag.Path, node []any) (any, bool) {
	out, found := node, false
	for i, child := range node {
		if masked, ok := m.node(rules, address, path, child); ok {
			if !found {
				out, found = slices.Clone(node), true
			}
			out[i] = masked
		}
	}
	return out, found
}

// list masks the secrets of a list of texts, which are judged together.
func (m *Masker) list(rules Rules, address Address, path diag.Path, node []any, texts []string) (any, bool) {
	out, found := node, false
	for i, secret := range m.isSecret(rules, path, texts) {
		if secret {
			if !found {
				out, found = slices.Clone(node), true
			}
			out[i] = m.mask(address, texts[i])
		}
	}
	return out, found
}

// isSecret says of each text at a path whether it is a secret, or has one of the stack's in it.
func (m *Masker) isSecret(rules Rules, path diag.Path, texts []string) []bool {
	out := make([]bool, len(texts))
	if rules.Sensitive != nil {
		out = rules.Sensitive(path, texts)
	}
	for i, text := range texts {
		out[i] = out[i] || m.hides(text)
	}
	return out
}

// textsOf are the items of a list of nothing but texts.
func textsOf(list []any) ([]string, bool) {
	out := make([]string, len(list))
	for i, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil, false
		}
		out[i] = text
	}
	return out, true
}

// hasher computes the hashes of the specs of a stack.
type hasher struct {
	kinds  Kinds
	stack  *Stack
	masker *Masker
}

// hash is over the spec as it is meant: refs stand as refs, whether their value
// is known or not, so that a security group that was made anew changes no hash.
// A ref to a kind with revisions carries the hash of what it refers to, so that
// the hash of a service covers its task definition.
func (h hasher) hash(r *Resource) (string, error) {
	rules := h.kinds[r.Address.Kind]
	meant := rules.mapped(r.Spec, h.symbol)
	t, err := rules.Tree(meant)
	if err != nil {
		return "", err
	}
	return sum(h.masker.tree(rules, r.Address, t))
}

func (h hasher) symbol(v Value) Value {
	if v.Ref == nil || v.Ref.Address.Kind == FactsKind {
		return v
	}
	text := v.Ref.String()
	if target := h.stack.Find(v.Ref.Address); target != nil && h.kinds[target.Address.Kind].revises() {
		text += "@" + target.Hash
	}
	return Value{Text: text, Ref: v.Ref}
}

// sum is 16 bytes of SHA-256 in hex: it fits a tag many times over and no two
// specs of one resource will ever share it.
func sum(t any) (string, error) {
	data, err := json.Marshal(t) // sorts the keys of maps
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:16]), nil
}
