package translate

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// betweenCommands is what parts the commands of a RUN.
var betweenCommands = regexp.MustCompile(`&&|\|\|?|;|\n`)

// takesValue are the options of useradd and adduser that a word belongs to which is not
// the name of the user.
var takesValue = strings.Fields(`-b -c -d -e -f -g -G -h -k -K -p -s -u --base-dir --comment --home-dir --home --expiredate --inactive
	--gid --groups --ingroup --skel --password --shell --uid --gecos --firstuid --lastuid`)

// addUsers finds the users that a RUN makes with a number of their own: useradd -u 1001
// NAME, adduser -S NAME -u 1001.
func (s *dockerStage) addUsers(script string) {
	for _, command := range betweenCommands.Split(script, -1) {
		words := strings.Fields(command)
		i := slices.IndexFunc(words, func(word string) bool { return path.Base(word) == "useradd" || path.Base(word) == "adduser" })
		if i < 0 {
			continue
		}
		if name, uid, ok := addedUser(words[i+1:]); ok {
			if s.users == nil {
				s.users = map[string]int{}
			}
			s.users[name] = uid
		}
	}
}

func addedUser(words []string) (name string, uid int, ok bool) {
	for i := 0; i < len(words); i++ {
		option, value, joined := strings.Cut(words[i], "=")
		switch {
		case !strings.HasPrefix(option, "-"):
			name = strings.Trim(words[i], `"'`)
			continue
		case slices.Contains(takesValue, option) && !joined && i+1 < len(words):
			i++
			value = words[i]
		}
		if option == "-u" || option == "--uid" {
			n, err := strconv.ParseUint(strings.Trim(value, `"'`), 10, 31)
			uid, ok = int(n), err == nil
		}
	}
	return name, uid, ok && name != ""
}
