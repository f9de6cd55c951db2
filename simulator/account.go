package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Account is the state of one AWS account in one region: tables of rows, each
// row an object as AWS describes it and what the simulator must remember of it.
// It is reached through [Simulator.Mutate] only.
type Account struct {
	Options                      // as New completed them
	Clock   int64                // seconds since epoch at the last change
	idle    int64                // seconds since then, which are in no file
	tables  tables               // every Table below by its name on disk
	states  map[reflect.Type]any // structs with the tables of services, see stateOf
	values  map[string]string    // of parameters and secrets; never on disk
	moving  []mover
	seen    []Finding // by the witness, of what AWS itself did in this call

	Tags      Table[Tagged] `state:"tags"`      // by ARN: every taggable object
	Counters  Table[int]    `state:"counters"`  // what was numbered so far, so that no id comes back
	Unhealthy Table[bool]   `state:"unhealthy"` // by image substring

	indexes

	acmState
	discoveryState
	ec2State
	ecrState
	ecsState
	elbState
	efsState
	iamState
	logsState
	route53State
	scalingState
	schedulerState
	secretsState
	watchState
}

// tables is every table of the account by the name in its state tag.
type tables map[string]persistent

// epoch is when the clock of a fresh account starts. It is a logical clock, so
// that the same calls give the same bytes.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newAccount(options Options) *Account {
	a := &Account{Options: options, tables: tables{}, states: map[reflect.Type]any{}}
	a.tables.collect(reflect.ValueOf(a).Elem())
	for _, s := range services() {
		if s.tables != nil {
			state := s.tables()
			a.states[reflect.TypeOf(state)] = state
			a.tables.collect(reflect.ValueOf(state).Elem())
		}
	}
	a.index()
	a.moving = a.movers()
	return a
}

// stateOf returns the tables of a service that its row in services makes.
func stateOf[T any](a *Account) *T { return a.states[reflect.TypeFor[*T]()].(*T) }

// collect finds the tables of a struct and of the structs embedded in it.
func (t tables) collect(v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if name := field.Tag.Get("state"); name != "" {
			t[name] = v.Field(i).Addr().Interface().(persistent)
		} else if field.Anonymous && field.Type.Kind() == reflect.Struct {
			t.collect(v.Field(i))
		}
	}
}

// found fills a fresh account with what every AWS account is born with.
func (a *Account) found() {
	a.foundNetwork()
	a.forget()
}

func (a *Account) changed() bool {
	for _, t := range a.tables {
		if t.changed() {
			return true
		}
	}
	return false
}

func (a *Account) forget() {
	for _, t := range a.tables {
		t.forget()
	}
}

func (a *Account) settle() {
	for _, t := range a.tables {
		t.settle()
	}
}

func (a *Account) reset() {
	a.Clock, a.idle = 0, 0
	for _, t := range a.tables {
		t.reset()
	}
}

// now is the time of the current call.
func (a *Account) now() *time.Time {
	now := epoch.Add(time.Duration(a.moment()) * time.Second)
	return &now
}

// arn is the ARN of a regional resource: arn("ecs", "cluster/shop").
func (a *Account) arn(service, resource string) string {
	return strings.Join([]string{"arn", a.Partition, service, a.Region, a.Account, resource}, ":")
}

// globalARN is the ARN of a resource without a region.
func (a *Account) globalARN(service, resource string) string {
	return strings.Join([]string{"arn", a.Partition, service, "", a.Account, resource}, ":")
}

// number counts the things called name of one kind, from 1. A number is never
// given twice.
func (a *Account) number(kind, name string) int {
	key := kind + " " + name
	n := a.Counters.Edit(key)
	if n == nil {
		n = a.Counters.Put(key, val(a.Counters.Get(kind+" ")))
	}
	*n++
	return *n
}

// retire forgets what was counted under a name. All names of that kind that are
// counted later begin above it, so that its numbers do not come back. It is for
// kinds whose numbers only make ids.
func (a *Account) retire(kind, name string) {
	count := a.Counters.Get(kind + " " + name)
	if count == nil {
		return
	}
	a.Counters.Put(kind+" ", max(val(a.Counters.Get(kind+" ")), *count))
	a.Counters.Delete(kind + " " + name)
}

// id is 64 hexadecimal digits for a new thing of that kind and name: the same
// in every account that made the same things, in whatever order.
func (a *Account) id(kind, name string) string {
	return digest(a.Account, a.Region, kind, name, fmt.Sprint(a.number(kind, name)))
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// uuid is the digest h in the form of a UUID.
func uuid(h string) string {
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:32]}, "-")
}
