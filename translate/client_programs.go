package translate

import (
	_ "embed"
	"encoding/json"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
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

var clientPrograms = sync.OnceValue(func() []clientProgram {
	var table struct {
		Clients []clientProgram `json:"clients"`
	}
	if err := json.Unmarshal(clientProgramsJSON, &table); err != nil {
		panic(err) // the file is ours
	}
	return table.Clients
})

// clientPort is the port that the client in a command calls, 0 where there is none.
func clientPort(command []string) int {
	for i, word := range command {
		for _, c := range clientPrograms() {
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
