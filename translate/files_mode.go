package translate

import (
	"fmt"
	"io/fs"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
)

// modeText is a mode as specs have it, with the letter of what is no file.
func modeText(kind string, mode fs.FileMode) string {
	return kind + fmt.Sprintf("%04o", content.Octal(mode))
}

// fileMode is world-readable where the files say nothing, as the Compose
// Specification has it.
func fileMode(mode *types.FileMode) fs.FileMode {
	if mode == nil {
		return 0o444
	}
	return fs.FileMode(*mode).Perm()
}
