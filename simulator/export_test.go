package simulator

import (
	"bytes"
	"encoding/json"
)

// AppendJSON is for golden files.
var AppendJSON = appendJSON

// OnDisk is the state that another process would read now, and the one in memory.
func (s *Simulator) OnDisk() (disk, memory string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.store.refresh(s.account); err != nil {
		return "", "", err
	}
	other := newAccount(s.account.Options)
	if err := (&store{path: s.store.path}).reload(other); err != nil {
		return "", "", err
	}
	return dumped(other), dumped(s.account), nil
}

func dumped(a *Account) string {
	var text bytes.Buffer
	_ = json.Indent(&text, appendJSON(nil, snapshot{Clock: a.Clock, Tables: a.tables.dump(persistent.keys)}), "", " ")
	return text.String()
}
