package simulator

import (
	"fmt"
	"slices"
)

// Finding is harm that a call did and that AWS lets happen: it took something
// away that a running task uses, or made something a second time.
type Finding struct {
	Call  Call
	What  string // what was taken, or what there is twice
	Task  string // ARN of a running task that used it; empty for what is there twice
	Twice bool

	service string // key of the service that it is harm for while that is there; empty: it is harm at any time
}

// String is the finding on one line.
func (f Finding) String() string {
	if f.Twice {
		return fmt.Sprintf("%s made a second %s", f.Call, f.What)
	}
	return fmt.Sprintf("%s took from the running task %s: %s", f.Call, f.Task, f.What)
}

// Witness is what the simulator saw of calls that took something away which a
// running task uses, or that made something twice. It is no error of AWS's: the
// calls are answered as ever. What is replaced by something that does as much is
// not taken: a wider rule of a security group or a wider statement of a policy
// covers a narrower one, and a target group that another rule leads to is reached.
//
// A task uses the mounts, secrets, images, log groups, roles, target groups and
// names of its own that its task definition and its deployment say; what its
// execution role must be allowed when it starts again, and all that its task role is
// allowed; the ways that security groups leave it: in at the ports that it maps, out
// to anywhere, from its load balancer, and into that at the listeners which lead to
// the task. Rules, and statements, are compared one by one: what two of them cover
// only together counts as taken, as does what a managed policy allows that is not
// known here. A permissions boundary takes all rights, unless it is one that is
// known to allow everything: others are not simulated. A Deny of the task role with
// a condition takes none, since nobody can tell when it is met.
//
// Names of others are the hard part, since every client of Service Connect knows
// all names of its namespace and asks for few:
//
//   - A service that stays and gives a name up, by UpdateService, and a Cloud Map
//     service that is deleted under a service that stays, take it from a running task
//     that knows it: from a client of Service Connect whose deployment began while the
//     name was there. One such task is told.
//   - DeleteService takes the names from the tasks that say them: in a variable or a
//     command of their task definitions stands the name as a host, as in db:5432,
//     //db, user@db or DB_HOST=db. What a program knows otherwise (from a secret, a
//     file) is not witnessed. It takes nothing where no task says the name, which is
//     what a plan wants that removes a service together with what is said of it.
//   - A name of Cloud Map's DNS, as dns.shop.internal, is taken from the tasks that
//     say it, whichever call takes it.
//   - That nobody answers at a name, since its service was scaled to none or its task
//     stopped, is not witnessed: the name is there. ECS refuses nobody that.
//
// No name and no way from a load balancer is taken from a service that is itself
// deleted when Witness is asked: in which order a plan takes a service away, and
// with it what leads there, is no finding.
//
// Made twice is what has the same values of the tags project, resource and spec of
// compose2fargate; and a revision of a task definition that says what the latest
// active one of its family says, with the same tags. One that goes back to what an
// older revision says is a rollback and made once.
func (s *Simulator) Witness() []Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.findings), func(f Finding) bool { return f.service != "" && !s.account.isActive(f.service) })
}

// ResetWitness forgets what the witness saw.
func (s *Simulator) ResetWitness() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings = nil
}

// holding is something that a running task has before a call which may take it.
type holding struct {
	task    string      // key
	what    string      // in words
	held    func() bool // whether the task has it now
	service string      // as Finding has it
}

// testimony is what running tasks had before a call that may take from them.
type testimony struct {
	a      *Account
	before []holding
}

// testify looks at the running tasks from which a call may take something. A call
// that gives tasks another task definition is none: they are replaced.
func (a *Account) testify(input any) testimony {
	t := a.heard(a.takenBy(input))
	t.before = append(t.before, a.namesTakenBy(input)...)
	return t
}

// heard is what those running tasks have that use one of these things.
func (a *Account) heard(values []string) testimony {
	keys := map[string]bool{}
	for _, value := range values {
		for _, key := range a.uses.Keys(value) {
			keys[key] = true
		}
	}
	t := testimony{a: a}
	for _, key := range sortedKeys(keys) {
		for _, h := range a.possessions(a.Tasks.Get(key)) {
			h.task = key
			t.before = append(t.before, h)
		}
	}
	return t
}

// findings are what the tasks have lost that still run. Tasks of a service lose
// the same, which is told once.
func (t testimony) findings() []Finding {
	var list []Finding
	told := map[string]bool{}
	for _, h := range t.before {
		task := t.a.Tasks.Get(h.task)
		if task == nil || str(task.LastStatus) != "RUNNING" {
			continue
		}
		if about := task.Service + " " + h.what; !told[about] && !h.held() {
			told[about] = true
			list = append(list, Finding{What: h.what, Task: *task.TaskArn, service: h.service})
		}
	}
	return list
}
