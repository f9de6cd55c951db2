package translate

import (
	"bytes"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// databaseEndings are those of files that are databases, whole.
var databaseEndings = strings.Fields(".sqlite .sqlite2 .sqlite3 .db .db2 .db3 .s3db .sl3 .rdb .mdb .realm .duckdb .bolt .fdb .h2.db .mv.db")

// writtenEndings and writtenNames are those of files that programs write to.
var (
	writtenEndings = strings.Fields(".log .pid .lock .dump .bak .state .seq")
	writtenNames   = strings.Fields("acme.json state.json terraform.tfstate cookies.txt history .bash_history")
)

func isDatabaseName(name string) bool {
	return slices.Contains(databaseEndings, path.Ext(strings.ToLower(name)))
}

// ofFile decides about a file: it goes into the image, where nothing that is written to
// it lasts.
func (m *bindMount) ofFile() bind {
	b := bind{kind: bindFiles}
	if m.readOnly || m.asked != "" {
		return b
	}
	name := strings.ToLower(path.Base(m.source))
	switch {
	case isDatabaseName(m.source), isDatabaseName(m.target), isDatabaseFile(m.source):
		b.written = database
	case m.host.info.Size() == 0, slices.Contains(writtenNames, name), slices.Contains(writtenEndings, path.Ext(name)):
		b.written = changes
	}
	return b
}

// sqliteHead begins the files of SQLite ("Database File Format", the database header).
const sqliteHead = "SQLite format 3\x00"

func isDatabaseFile(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, len(sqliteHead))
	_, err = io.ReadFull(file, head)
	return err == nil && bytes.Equal(head, []byte(sqliteHead))
}
