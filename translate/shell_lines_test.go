package translate

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// waitsOfScript tells the waits of a script: NAME:PORT.
func waitsOfScript(script string) string {
	host, port := "db", "5432"
	env := types.MappingWithEquals{"DB_HOST": &host, "DB_PORT": &port}
	t := textSearch{textFile: &textFile{lines: linesOf(script)}, format: shellFormat}
	var out []string
	for _, l := range shellLines(t.joinedLines(), env) {
		for _, w := range waitsIn(l.text) {
			if one := w.name + ":" + strconv.Itoa(w.port); !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	return strings.Join(out, " ")
}

func TestAScriptTellsForWhatItWaits(t *testing.T) {
	for script, want := range map[string]string{
		// variables
		"HOST=db\nPORT=5432\nuntil nc -z $HOST $PORT; do sleep 1; done": "db:5432",
		"export HOST='db' PORT=\"5432\"; nc -z \"$HOST\" \"${PORT}\"":   "db:5432",
		"HOST=${WEB_HOST:-web}\nnc -z $HOST ${WEB_PORT-80}":             "web:80",
		"HOST=${DB_HOST:-web}\nnc -z $HOST 80":                          "db:80",
		"DB_HOST=$(cat /host)\nnc -z $DB_HOST 80":                       "",
		"nc -z $DB_HOST $DB_PORT && HOST=x":                             "db:5432",
		"target=db:5432\nnc -z ${target%%:*} ${target##*:}":             "db:5432",
		"nc -z $UNKNOWN 80\nserve --host=db --port=5432":                "",
		// functions
		"wait_for() {\n  nc -z $1 $2\n}\nwait_for db 5432 || exit 1": "db:5432",
		"wait_for() { local h=$1 p=${2:-80}; until nc -zv \"$h\" \"$p\"; do sleep 1; done; }\nif wait_for \"$DB_HOST\" \"$DB_PORT\"; then serve; fi\nuntil wait_for web; do :; done": "db:5432 web:80",
		"function ready {\n  nc -z \"$1\" \"$2\"\n}\nready db 5432\nready web 80":                                                                                                    "db:5432 web:80",
		"a() {\n b $1\n}\nb() {\n nc -z $1 80\n}\na web":                                                                                                                             "web:80",
		"again() {\n nc -z $1 80\n again $1\n}\nagain web":                                                                                                                           "web:80",
		"unused() {\n nc -z db 5432\n}":                                                                                                                                              "",
		"wait_for_port db 5432":                                                                                                                                                      "db:5432",
		// loops
		"for h in db:5432 redis:6379; do wait-for-it $h; done":          "db:5432 redis:6379",
		"for h in db:5432 redis:6379\ndo\n nc -z ${h%:*} ${h#*:}\ndone": "db:5432 redis:6379",
		"for h in $HOSTS; do nc -z $h 80; done":                         "",
		// programs
		"until nc -w 1 db 5432 </dev/null; do sleep 1; done\nwhile ! timeout 1 nc db 80 > /dev/null 2>&1; do :; done":                  "db:5432 db:80",
		"until echo ruok | nc db 2181 | grep imok; do :; done\nuntil nc db 80 | grep x; do :; done\nnc db 80 < file":                   "",
		"telnet db 5432\ncurl -s telnet://web:80\nnpx wait-port -t 100 db:5433\nwait-port http://web:81/x":                             "db:5432 web:80 db:5433",
		"wait4x tcp -t 1m db:5432 -- x\nwait4x http http://web:80":                                                                     "db:5432",
		"waitforit -address=tcp://db:5432 -timeout=20\nwaitforit -host=web -port=90":                                                   "db:5432 web:90",
		`python -c "import socket; socket.create_connection((\"db\", 5432))"` + "\npython3 -c 'socket.socket().connect((\"web\",80))'": "db:5432 web:80",
		`php -r "fsockopen('db', 3306);"`:               "db:3306",
		"until mysqladmin ping -h db; do sleep 1; done": "",
	} {
		if got := waitsOfScript(script); got != want {
			t.Errorf("%s\ngot %q, want %q", script, got, want)
		}
	}
}
