package content

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Ignored is what a .dockerignore leaves out of a build context. nil: nothing.
type Ignored struct {
	patterns *patternmatcher.PatternMatcher
}

// Match is what was found out about a directory, for what is in it.
type Match = patternmatcher.MatchInfo

// ReadIgnored reads the first of the files that exists; nil where none does.
func ReadIgnored(files ...string) (*Ignored, error) {
	for _, file := range files {
		info, err := os.Stat(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular():
			return nil, &fs.PathError{Op: "read", Path: file, Err: errors.New("it is not a file")}
		}
		return readIgnored(file)
	}
	return nil, nil
}

func readIgnored(file string) (*Ignored, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	lines, err := ignorefile.ReadAll(opened)
	if err == nil {
		var patterns *patternmatcher.PatternMatcher
		if patterns, err = patternmatcher.New(lines); err == nil {
			return &Ignored{patterns}, nil
		}
	}
	return nil, &fs.PathError{Op: "read", Path: file, Err: fmt.Errorf("its patterns cannot be read: %w", err)}
}

func (i *Ignored) match(name string, parent Match) (bool, Match, error) {
	if i == nil {
		return false, Match{}, nil
	}
	return i.patterns.MatchesUsingParentResults(filepath.FromSlash(name), parent)
}

// exceptions says whether a pattern lets in again what another one left out.
func (i *Ignored) exceptions() bool { return i != nil && i.patterns.Exclusions() }
