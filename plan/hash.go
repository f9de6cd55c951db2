package plan

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"

	"github.com/compose2fargate/compose2fargate/diag"
)

// masker replaces secret values by slow hashes, so that what is stored or
// compared outside the process shows whether a value changed and nothing else.
// The salt is derived from the owner of the value: the same stack gives the
// same bytes, and the same value in two places gives two hashes.
type masker struct {
	target Target
	mu     sync.Mutex
	known  map[string]string
}

func newMasker(target Target) *masker { return &masker{target: target, known: map[string]string{}} }

// SecretPrefix begins the hash that stands in a plan in place of a secret value.
const SecretPrefix = "argon2id:"

// mask hashes with argon2id at 19 MiB, two passes, one lane: the first of OWASP's
// recommended settings (Password Storage Cheat Sheet).
func (m *masker) mask(address Address, value string) string {
	if strings.HasPrefix(value, SecretPrefix) || value == "" {
		return value
	}
	key := address.String() + "\x00" + value
	m.mu.Lock()
	hash, ok := m.known[key]
	m.mu.Unlock()
	if ok {
		return hash
	}
	salt := sha256.Sum256([]byte(strings.Join([]string{
		"compose2fargate", m.target.Account, m.target.Region, m.target.Project, address.String(),
	}, "\x00")))
	sum := argon2.IDKey([]byte(value), salt[:16], 2, 19*1024, 1, 16)
	hash = SecretPrefix + base64.RawURLEncoding.EncodeToString(sum)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[key] = hash
	return hash
}

// SecretHash is eight hexadecimal digits that distinguish the values of a
// secret. They reveal nothing else, because they are cut from a slow, salted
// hash. It is used in the names of resources that hold a secret. Without an
// account in target there is no salt, and it is "".
func SecretHash(target Target, address Address, value string) string {
	if target.Account == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(newMasker(target).mask(address, value)))
	return hex.EncodeToString(sum[:4])
}

// prepare hashes the secrets of all resources on all processors: each takes some
// tens of milliseconds, on purpose.
func (m *masker) prepare(kinds Kinds, resources []*Resource) {
	next := make(chan *Resource)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for r := range next {
				m.tree(kinds[r.Address.Kind], r.Address, r.canonical)
			}
		})
	}
	for _, r := range resources {
		next <- r
	}
	close(next)
	group.Wait()
}

// tree returns a copy of a canonical tree with every secret value masked.
func (m *masker) tree(rules Rules, address Address, t tree) tree {
	if rules.Sensitive == nil {
		return t
	}
	return m.node(rules, address, nil, t).(tree)
}

func (m *masker) node(rules Rules, address Address, path diag.Path, node any) any {
	switch node := node.(type) {
	case tree:
		out := make(tree, len(node))
		for name, child := range node {
			out[name] = m.node(rules, address, path.Key(name), child)
		}
		return out
	case []any:
		out := make([]any, len(node))
		for i, child := range node {
			out[i] = m.node(rules, address, path, child)
		}
		return out
	case string:
		if rules.Sensitive(path, node) {
			return m.mask(address, node)
		}
		return node
	default:
		return node
	}
}

// hasher computes the hashes of the specs of a stack.
type hasher struct {
	kinds  Kinds
	stack  *Stack
	masker *masker
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
