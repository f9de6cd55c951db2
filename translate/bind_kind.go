package translate

// bindKind is what a bind mount becomes.
type bindKind int

const (
	bindFiles      bindKind = iota + 1 // files of the project: they go where its configuration goes
	bindVolume                         // a directory that is written to: a volume, named after its path
	bindHostDir                        // the same, of a directory outside of the project
	bindSource                         // the source of an image that is built: the image has it
	bindLeftOut                        // x-fargate.files says so
	bindClock                          // the clock of a host
	bindOwn                            // what every container has itself: /dev/null
	bindShm                            // shared memory
	bindUsers                          // users, certificates and the like: the image has its own
	bindEngine                         // Docker itself
	bindKernel                         // kernel, devices and processes of a host
	bindRuntime                        // sockets of programs on a host
	bindLogs                           // logs of a host
	bindSystem                         // a whole system
	bindIdentity                       // credentials of the person at this machine
	bindMissing                        // a file that is not there
	bindNoDatabase                     // the same, of a database
	bindOutside                        // a file outside of the project
	bindOddFile                        // a file, where a directory is needed
	bindUnreadable                     // it cannot be looked at
	bindLeaving                        // it is outside of the repository, or a link leads out of it, and may not be read
)

// written is what is known of a file that a service may write to.
type written int

const (
	changes  written = iota + 1 // programs write to such files
	database                    // it is a database
)

// bind is a bind mount, looked at on this machine.
type bind struct {
	kind      bindKind
	dataPlace          // of bindVolume and bindHostDir
	filled    bool     // of those: there is something in the directory today
	exists    bool     // there is such a directory
	shown     string   // the source, as messages name it
	outside   string   // what speaks against reading it; "": nothing
	allow     string   // what to do about that
	writers   []string // services that write to it, sorted

	lacks lacking // what the image that is built does not have of it

	// of bindFiles
	asked    bool    // the files of the project say so
	program  bool    // a directory with files of a program or its configuration
	declared bool    // the image declares a volume there, says its registry
	merged   bool    // a directory of a build: what the image has beside it stays
	written  written // a file that may be written to; 0: nothing is known
}

// bindKey is a bind mount of a service.
type bindKey struct {
	service, source, target string
	readOnly                bool
}

// binds are what becomes of the paths of this machine that active services mount.
type binds struct {
	of      map[bindKey]bind
	data    map[string]bool      // the directories that are on EFS, by where they are (canonical)
	volumes map[string]dataPlace // where the data of volumes is that are bound to a directory
}

// dataPlace is where the data of a directory is on EFS.
type dataPlace struct {
	volume  string // named, or the path of a bind mount
	named   bool
	subpath string // in the volume; "": all of it
}
