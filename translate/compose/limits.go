package compose

// Files may come from a stranger, and a few lines can stand for more than any machine
// holds. What is beyond these limits is no stack: a task definition has 64 KiB (ECS,
// service quotas). Within them compose-go takes seconds; some of what it does takes time
// with the square of the size, or with its cube.
const (
	longestFile  = 4 << 20  // bytes of one file
	mostBytes    = 64 << 20 // bytes of all files together, each as often as it is read
	maxDocuments = 1_000    // of all files
	maxNodes     = 200_000  // values of all files, those that aliases, merges and extends stand for included
	maxDepth     = 64       // levels of values
	maxMerges    = 32       // mappings that are merged into each other, with << or with extends
	maxKeys      = 6_000    // of one mapping, more than a cluster has services: YAML compares each with each
	longestList  = 20_000   // of one list: compose-go looks at each several times
	longestKey   = 1_000    // bytes
	maxLines     = 20_000   // of an env file
	maxVariables = 1_000    // of one value
	longestText  = 64 << 10 // bytes of a command, or of the value of a variable or a label
	longestLine  = 16 << 10 // bytes of a command that is no list: the time to split it grows with the square of its words' length
	mostSearched = 1 << 20  // bytes of all these together, in which hosts and ports are searched for
	searchedEach = 1 << 10  // and for each service
	mostAttached = 4 << 20  // bytes of env files and label files of all services, each as often as it is read
	attachedEach = 8 << 10  // and for each service
	maxSigns     = 100_000  // dollar signs of all files, as maxNodes counts
	maxFilled    = 1 << 20  // bytes that variables put into one value, or into one env file
	mostSettings = 400_000  // lines of env files, and variables of includes, each as often as it is looked at
	settingsEach = 500      // and for each file that is included
	mostText     = 16 << 20 // bytes of the texts of all files, as maxNodes counts them, with their variables
)
