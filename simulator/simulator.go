package simulator

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/compose2fargate/compose2fargate/internal/partition"
)

// NeverHealthy is the part of an image reference that makes a task fail, always.
const NeverHealthy = "never-healthy"

// Options are the settings of a simulated account. The zero value is a fresh
// account 123456789012 in us-east-1, kept in memory.
type Options struct {
	Account   string // 12 digits; empty means the state file's, else 123456789012
	Region    string // empty means the state file's, else us-east-1
	Partition string // empty means the region's: aws, aws-cn or aws-us-gov

	// StateFile keeps the account on disk; empty means in memory only. Every
	// change is on disk before its call is answered. Several processes may
	// share one file.
	StateFile string

	PageSize  int     // items per page of every list call; 0 means AWS's defaults
	Progress  int     // describe reads until a deployment or task has settled, one more behind a load balancer; 0 means 2
	VCPUQuota float64 // the Fargate vCPU quotas; 0 means AWS's default of 6. Told, not enforced

	// What spreads slowly on AWS, in seconds of the account's clock, on which each
	// call takes one.
	RoleDelay   int // until ECS takes a new role
	MountDelay  int // until the name of an available mount target resolves; AWS: up to 90
	PolicyDelay int // until a policy of a file system is in force; AWS: "several minutes"
	TagDelay    int // until GetResources sees a change of tags

	// Caller is who calls, and what that principal may. Calls outside its policies
	// are refused. The zero value may do everything.
	Caller Caller

	// Script tells how containers fare; nil: they run well. See [ParseScript].
	Script *Script
}

// Simulator is one AWS account in one region. It is safe for concurrent use.
type Simulator struct {
	mu        sync.Mutex
	account   *Account
	store     *store // nil when in memory
	calls     []Call
	faults    []*fault
	shuffle   *rand.Rand // nil: lists come back reversed
	operation map[string]operation
	policies  []policy // of Options.Caller; none: everything is allowed
	grants    map[string]Grant
	requests  atomic.Int64 // answered so far; makes request ids
	spent     time.Duration
	findings  []Finding
}

// New opens the account in options.StateFile, or makes a fresh one. It fails
// when an option makes no sense, or when the file cannot be read or belongs to
// another account or region.
func New(options Options) (*Simulator, error) {
	policies, err := policiesOf(options.Caller)
	if err != nil {
		return nil, err
	}
	s := &Simulator{operation: operations(), policies: policies, grants: map[string]Grant{}}
	if options.StateFile != "" {
		s.store = &store{path: options.StateFile}
		if err := s.store.adopt(&options); err != nil {
			return nil, fmt.Errorf("open simulator state %s: %w", options.StateFile, err)
		}
	}
	options.fill()
	if err := options.check(); err != nil {
		return nil, err
	}
	s.account = newAccount(options)
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open simulator state %s: %w", options.StateFile, err)
	}
	return s, nil
}

// open fills the account.
func (s *Simulator) open() error {
	if s.store == nil {
		s.account.found()
		return nil
	}
	return s.store.open(s.account)
}

func (o *Options) fill() {
	if o.Account == "" {
		o.Account = "123456789012"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Partition == "" {
		o.Partition = partition.Of(o.Region)
	}
	if o.Progress == 0 {
		o.Progress = 2
	}
	if o.VCPUQuota == 0 {
		o.VCPUQuota = 6
	}
}

// Close folds the journal into the state file, so that one plain JSON file is
// left. A process that ends without it loses nothing: the next one folds.
func (s *Simulator) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil {
		return nil
	}
	return s.locked(func() error { return s.store.fold(s.account) })
}

// Unhealthy makes every task fail that has an image containing this string, as
// if its container crashed at the start. It is kept with the state.
func (s *Simulator) Unhealthy(image string) {
	s.Mutate(func(a *Account) { a.Unhealthy.Put(image, true) })
}

// Healthy undoes [Simulator.Unhealthy].
func (s *Simulator) Healthy(image string) {
	s.Mutate(func(a *Account) { a.Unhealthy.Delete(image) })
}

// Mutate changes the account behind every client's back, as another operator or
// AWS itself would. Rows must be changed through Edit, Put and Delete. It panics
// when the state file cannot be written.
func (s *Simulator) Mutate(change func(*Account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.locked(func() error {
		change(s.account)
		s.account.tick()
		s.findings, s.account.seen = append(s.findings, s.account.seen...), nil
		return s.commit()
	})
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
}

// look reads the account as it is now, whoever changed it last. It takes no time.
func (s *Simulator) look(read func(*Account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.locked(func() error {
		read(s.account)
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
}

// Shuffle makes lists come back in an order drawn from seed instead of
// reversed. Lists whose order means something keep it.
func (s *Simulator) Shuffle(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shuffle = rand.New(rand.NewPCG(seed, seed))
}

// locked runs do with the file lock held and the state up to date with what
// other processes wrote.
func (s *Simulator) locked(do func() error) (err error) {
	if s.store == nil {
		return do()
	}
	unlock, err := lock(s.store.path + ".lock")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := s.store.refresh(s.account); err != nil {
		return err
	}
	return do()
}

// commit ends a call: what changed goes to disk, with the time.
func (s *Simulator) commit() error {
	if !s.account.changed() {
		return nil
	}
	return s.save()
}

func (s *Simulator) save() error {
	s.account.Clock, s.account.idle = s.account.moment(), 0
	if s.store == nil {
		s.account.forget()
		return nil
	}
	return s.store.append(s.account)
}
