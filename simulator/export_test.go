package simulator

import (
	"bytes"
	"encoding/json"
	"time"
)

// AppendJSON is for golden files.
var AppendJSON = appendJSON

// OnDisk is the state that another process would read now, and the one in memory.
func (s *Simulator) OnDisk() (disk, memory string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.locked(func() error {
		other := newAccount(s.account.Options)
		err := (&store{path: s.store.path}).reload(other)
		disk, memory = dumped(other), dumped(s.account)
		return err
	})
	return disk, memory, err
}

func dumped(a *Account) string {
	var text bytes.Buffer
	_ = json.Indent(&text, appendJSON(nil, snapshot{Clock: a.Clock, Tables: a.tables.dump(persistent.keys)}), "", " ")
	return text.String()
}

// HasPermission tells whether an operation has a row in the table of permissions.
func HasPermission(operation string) bool {
	_, known := permitted[operation]
	return known
}

// Permissions are the operations in the table of permissions.
func Permissions() []string { return sortedKeys(permitted) }

// NextTime is when an expression is due for the first time after that one.
func NextTime(expression, zone string, after time.Time) time.Time {
	return timetable{expression: expression, zone: &zone, base: after}.after(after)
}

// GlobIncludes and GlobsMeet compare patterns; HostsIn is what a container says.
var (
	HostsIn      = hostsIn
	GlobIncludes = globIncludes
	GlobsMeet    = globsMeet
)

// ValidSchedule tells whether an expression is one that schedules may have.
func ValidSchedule(expression string) bool { return validSchedule(expression) }
