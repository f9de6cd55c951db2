package translate

import "flag"

// update has the golden tests write what they find: go test ./translate -update.
var update = flag.Bool("update", false, "rewrite the golden files")
