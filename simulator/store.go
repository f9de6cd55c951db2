package simulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// store keeps an account in a JSON snapshot and a journal of the rows that
// changed since, one line per call. A snapshot carries a generation and a
// journal the generation it continues, so a journal that outlived its snapshot
// is told apart. At rest there is only the snapshot, which a human may edit.
//
// All methods but adopt run under the file lock.
type store struct {
	path       string
	generation int
	snapshot   fs.FileInfo // as last read or written
	read       int64       // bytes of the journal that the account has
}

// snapshot is the state file.
type snapshot struct {
	Generation int                                   `json:"generation"`
	Account    string                                `json:"account"`
	Region     string                                `json:"region"`
	Partition  string                                `json:"partition"`
	Clock      int64                                 `json:"clock"`
	Tables     map[string]map[string]json.RawMessage `json:"tables"`
}

// entry is one line of the journal. A null row was deleted.
type entry struct {
	Generation int                                   `json:"generation"`
	Clock      int64                                 `json:"clock"`
	Tables     map[string]map[string]json.RawMessage `json:"tables"`
}

// roomy is how large a journal may grow beside a small snapshot.
const roomy = 1 << 20

func (s *store) journal() string { return s.path + ".journal" }

// adopt takes the account and region from an existing file where the options
// leave them open, and refuses a file of another account.
func (s *store) adopt(o *Options) error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	var snap snapshot
	err := s.load(&snap, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	switch {
	case err != nil:
		return err
	case snap.Account == "":
		return fmt.Errorf(`it is no state of this simulator, which has "account" in it; %s`, otherwise)
	}
	for _, f := range []struct{ want, have *string }{
		{&o.Account, &snap.Account}, {&o.Region, &snap.Region}, {&o.Partition, &snap.Partition},
	} {
		if *f.want == "" {
			*f.want = *f.have
		}
		if *f.want != *f.have {
			return fmt.Errorf("the file is of %s, not %s", *f.have, *f.want)
		}
	}
	return nil
}

// otherwise is what to do about a file that cannot be read.
const otherwise = "remove it to begin with a new account, or name another file"

// load reads a snapshot, and nothing may follow it. Without tables it ends where these
// begin.
func (s *store) load(snap *snapshot, tables tables) error {
	if info, err := os.Stat(s.path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("it is no regular file; %s", otherwise)
	}
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	d := json.NewDecoder(f)
	err = snap.decode(d, tables)
	switch {
	case errors.Is(err, io.EOF) && d.InputOffset() == 0:
		return fmt.Errorf("it is empty; %s", otherwise)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("it ends in the middle of the state; %s", otherwise)
	case err != nil || tables == nil:
		return err
	}
	end := d.InputOffset()
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows the state, which ends at byte %d; remove that", end)
	}
	return nil
}

// decode reads the tables one row at a time: all of it as text would be as much again
// as the account takes.
func (snap *snapshot) decode(d *json.Decoder, tables tables) error {
	head := map[string]any{
		"generation": &snap.Generation, "account": &snap.Account, "region": &snap.Region, "partition": &snap.Partition, "clock": &snap.Clock,
	}
	return eachKey(d, func(key string) error {
		switch {
		case key == "tables" && tables == nil && snap.Account != "":
			return errEnough
		case key == "tables" && tables != nil:
			return eachKey(d, func(name string) error { return tables.loadTable(d, name) })
		case head[key] != nil:
			return d.Decode(head[key])
		}
		var other json.RawMessage
		return d.Decode(&other)
	})
}

// errEnough ends the reading of an object before its end.
var errEnough = errors.New("enough")

// eachKey reads an object: value must read the value of each of its keys.
func eachKey(d *json.Decoder, value func(key string) error) error {
	opening, err := d.Token()
	if err != nil {
		return err
	}
	if opening != json.Delim('{') {
		return fmt.Errorf("found %v where an object should be", opening)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if err := value(key.(string)); errors.Is(err, errEnough) { // an object has no other keys
			return nil
		} else if err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// open fills the account from disk, or founds it, and leaves a snapshot only.
func (s *store) open(a *Account) error {
	unlock, err := lock(s.path + ".lock")
	if err != nil {
		return err
	}
	err = s.reload(a)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a.found()
		err = s.compact(a)
	case err == nil:
		err = s.fold(a)
	}
	return errors.Join(err, unlock())
}

// refresh brings the account up to date with what others wrote.
func (s *store) refresh(a *Account) error {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) { // somebody removed it: start again
		a.reset()
		a.found()
		return s.compact(a)
	}
	if err != nil {
		return err
	}
	if !s.same(info) {
		return s.reload(a)
	}
	return s.replay(a)
}

func (s *store) same(info fs.FileInfo) bool {
	return s.snapshot != nil && os.SameFile(s.snapshot, info) &&
		s.snapshot.Size() == info.Size() && s.snapshot.ModTime().Equal(info.ModTime())
}

// reload reads everything from disk.
func (s *store) reload(a *Account) error {
	info, err := os.Stat(s.path)
	if err != nil {
		return err
	}
	a.reset()
	var snap snapshot
	if err := s.load(&snap, a.tables); err != nil {
		return err
	}
	a.Clock = snap.Clock
	a.forget()
	s.generation, s.snapshot, s.read = snap.Generation, info, 0
	if err := s.replay(a); err != nil || !a.migrate() {
		return err
	}
	return s.compact(a)
}

// replay reads the lines of the journal that the account does not have yet. A
// torn last line is of a call that was never answered; a line of another
// generation is in the snapshot already.
func (s *store) replay(a *Account) error {
	info, err := os.Stat(s.journal())
	if errors.Is(err, fs.ErrNotExist) {
		s.read = 0
		return nil
	}
	if err != nil || info.Size() == s.read {
		return err
	}
	data, err := readFrom(s.journal(), s.read)
	if err != nil {
		return err
	}
	for {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			return nil
		}
		if err := s.apply(a, line); err != nil {
			return fmt.Errorf("%s: %w", s.journal(), err)
		}
		s.read += int64(len(line)) + 1
		data = rest
	}
}

func (s *store) apply(a *Account, line []byte) error {
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	if e.Generation != s.generation {
		return nil
	}
	a.Clock, a.idle = e.Clock, max(0, a.moment()-e.Clock) // time never goes back
	defer a.forget()
	return a.tables.load(e.Tables)
}

func readFrom(path string, offset int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

// append writes the changed rows as one line. A journal much larger than its
// snapshot is folded into it, so that the work stays linear.
func (s *store) append(a *Account) error {
	line := appendJSON(nil, entry{Generation: s.generation, Clock: a.Clock, Tables: a.tables.dump(persistent.changes)})
	line = append(line, '\n')
	f, err := os.OpenFile(s.journal(), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	// Not O_APPEND: a torn line of a killed process is overwritten.
	_, err = f.WriteAt(line, s.read)
	if err = errors.Join(err, f.Truncate(s.read+int64(len(line))), f.Close()); err != nil {
		return err
	}
	s.read += int64(len(line))
	a.forget()
	if s.read > roomy+2*s.snapshot.Size() {
		return s.compact(a)
	}
	return nil
}

// fold leaves a snapshot only.
func (s *store) fold(a *Account) error {
	if s.read == 0 {
		return nil
	}
	return s.compact(a)
}

// compact writes the whole account as a snapshot of the next generation, and
// removes the journal.
func (s *store) compact(a *Account) error {
	head := snapshot{
		Generation: s.generation + 1, Account: a.Account, Region: a.Region, Partition: a.Partition, Clock: a.Clock,
	}
	err := replaceFile(s.path, func(w *bufio.Writer) error { return a.tables.write(w, head) })
	if err != nil {
		return err
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return err
	}
	s.generation, s.snapshot, s.read = head.Generation, info, 0
	a.forget()
	if err := os.Remove(s.journal()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// write writes a snapshot, a table at a time: all of it as one text would be many
// times what the account takes.
func (t tables) write(w *bufio.Writer, head snapshot) error {
	opening := appendJSON(nil, head) // it ends in the closing brace: there are no tables yet
	var text bytes.Buffer
	if err := json.Indent(&text, opening, "", "  "); err != nil {
		return err
	}
	_, _ = w.Write(bytes.TrimSuffix(text.Bytes(), []byte("\n}"))) // a bufio.Writer keeps its first error for Flush
	_, _ = w.WriteString(",\n  \"tables\": {")
	separator := "\n    "
	for _, name := range sortedKeys(t) {
		one := tables{name: t[name]}.dump(persistent.keys)
		if one[name] == nil {
			continue
		}
		text.Reset()
		if err := json.Indent(&text, appendJSON(nil, one[name]), "    ", "  "); err != nil {
			return err
		}
		_, _ = w.WriteString(separator)
		_, _ = w.Write(append(appendString(nil, name), ": "...))
		_, _ = w.Write(text.Bytes())
		separator = ",\n    "
	}
	_, _ = w.WriteString("\n  }\n}\n")
	return w.Flush()
}

// replaceFile writes a file beside path and renames it into place.
func replaceFile(path string, write func(*bufio.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	err = write(bufio.NewWriter(f))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// dump encodes the rows that keys picks from each table; a missing row is null.
func (t tables) dump(keys func(persistent) []string) map[string]map[string]json.RawMessage {
	out := map[string]map[string]json.RawMessage{}
	for name, table := range t {
		for _, key := range keys(table) {
			if out[name] == nil {
				out[name] = map[string]json.RawMessage{}
			}
			out[name][key] = appendJSON(nil, table.row(key))
		}
	}
	return out
}

func (t tables) load(rows map[string]map[string]json.RawMessage) error {
	for name, byKey := range rows {
		table := t[name]
		if table == nil {
			return fmt.Errorf("unknown table %q", name)
		}
		for key, data := range byKey {
			if string(data) == "null" {
				table.drop(key)
			} else if err := table.load(key, data); err != nil {
				return fmt.Errorf("%s %s: %w", name, key, err)
			}
		}
	}
	return nil
}

// loadTable reads the rows of one table.
func (t tables) loadTable(d *json.Decoder, name string) error {
	table := t[name]
	if table == nil {
		return fmt.Errorf("unknown table %q", name)
	}
	return eachKey(d, func(key string) error {
		var data json.RawMessage
		err := d.Decode(&data)
		if err == nil {
			err = table.load(key, data)
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", name, key, err)
		}
		return nil
	})
}

// Rows is everything in the account: rows as JSON by the names of their tables and
// by their keys, for those who want to compare two accounts. They are copies. It
// panics when the state file cannot be read.
func (s *Simulator) Rows() (rows map[string]map[string]json.RawMessage) {
	s.look(func(a *Account) { rows = a.tables.dump(persistent.keys) })
	return rows
}
