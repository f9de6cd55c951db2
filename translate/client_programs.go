package translate

import (
	_ "embed"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// clientProgram is a row of client_programs.json.
type clientProgram struct {
	Programs []string `json:"programs"`
	Port     int      `json:"port"`
	Options  []string `json:"options"`
	Source   string   `json:"source"`
}

//go:embed client_programs.json
var clientProgramsJSON []byte

var clientPrograms = table.Of[struct {
	Comment string          `json:"comment"`
	Clients []clientProgram `json:"clients"`
}](clientProgramsJSON)

// clientPort is the port that the client in a command calls, 0 where there is none.
func clientPort(command []string) int {
	for i, word := range command {
		for _, c := range clientPrograms().Clients {
			if slices.Contains(c.Programs, path.Base(word)) {
				return c.portIn(command[i+1:])
			}
		}
	}
	return 0
}

// portIn is the port that the arguments of a client give: -p PORT, -pPORT, --port=PORT.
func (c clientProgram) portIn(arguments []string) int {
	for i, word := range arguments {
		for _, option := range c.Options {
			value, given := strings.CutPrefix(word, option)
			if !given {
				continue
			}
			if value == "" && i+1 < len(arguments) {
				value = arguments[i+1]
			}
			if port, err := strconv.Atoi(strings.TrimPrefix(value, "=")); err == nil {
				return port
			}
		}
	}
	return c.Port
}
