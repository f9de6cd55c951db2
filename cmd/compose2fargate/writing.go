package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// writing are the files that get what this process prints: its streams, and on Linux
// what the programs after it in a pipeline write, such as tee. Elsewhere one cannot see
// who writes a file without rights that nobody gives a planner.
func (t terminal) writing() []fs.FileInfo {
	var out []fs.FileInfo
	var pipes []string
	for _, stream := range []io.Writer{t.out, t.err} {
		file, isFile := streamBehind(stream).(*os.File)
		if !isFile {
			continue
		}
		info, err := file.Stat()
		switch {
		case err != nil:
		case info.Mode().IsRegular():
			out = append(out, info)
		case info.Mode()&fs.ModeNamedPipe != 0:
			pipes = append(pipes, opened(fmt.Sprintf("/proc/self/fd/%d", file.Fd())))
		}
	}
	return append(out, writtenAfter(pipes)...)
}

// writtenAfter are the regular files that the programs at the other end of pipes write,
// and those at the end of their pipes. A program is one of a pipeline where it has the
// pipe as its standard input: what starts other programs and reads what they say, as CI
// runners do, has it elsewhere, and its files have nothing to do with this.
func writtenAfter(pipes []string) []fs.FileInfo {
	if len(pipes) == 0 {
		return nil
	}
	var out []fs.FileInfo
	readers := map[string][]string{} // directories of processes, by what their standard input is
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		if input := opened(filepath.Join(process, "fd", "0")); input != "" {
			readers[input] = append(readers[input], process)
		}
	}
	for i := 0; i < len(pipes); i++ { // which grows
		for _, process := range readers[pipes[i]] {
			files, more := writtenBy(process)
			out = append(out, files...)
			for _, pipe := range more {
				if !slices.Contains(pipes, pipe) {
					pipes = append(pipes, pipe)
				}
			}
		}
	}
	return out
}

// writtenBy are the regular files, and the pipes, that a process has open for writing.
func writtenBy(process string) (files []fs.FileInfo, pipes []string) {
	descriptors, _ := filepath.Glob(filepath.Join(process, "fd", "[0-9]*"))
	for _, d := range descriptors {
		link, err := os.Lstat(d)
		if err != nil || link.Mode()&0o200 == 0 { // proc(5): its rights are those of the descriptor
			continue
		}
		switch info, err := os.Stat(d); {
		case err != nil:
		case info.Mode().IsRegular():
			files = append(files, info)
		case info.Mode()&fs.ModeNamedPipe != 0:
			pipes = append(pipes, opened(d))
		}
	}
	return files, pipes
}

// opened names what a descriptor stands for, "" where that cannot be seen.
func opened(descriptor string) string {
	name, err := os.Readlink(descriptor)
	if err != nil {
		return ""
	}
	return name
}
