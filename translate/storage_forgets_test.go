package translate

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

func TestAClientOfADatabaseForgetsNothing(t *testing.T) {
	for command, want := range map[string]bool{
		"pg_dump|-h|db": true,
		"sh|-c|until psql -U postgres -h db -c \"select 1\"; do sleep 1; done; pg_dump":   true,
		"bash|-c|until mongosh --host mongodb --eval 'rs.initiate({})'; do sleep 1; done": true,
		"/usr/bin/mysqldump|--all-databases":                                              true,
		"":                                                                                false,
		"postgres|-c|max_connections=200":                                                 false,
		"mongod|--replSet|rs0":                                                            false,
		"sh|-c|mongod --replSet rs0 & mongosh":                                            false,
		"docker-entrypoint.sh|mysqld":                                                     false,
		"--max-connections=200":                                                           false,
	} {
		s := container{ServiceConfig: &types.ServiceConfig{ContainerSpec: types.ContainerSpec{Command: strings.Split(command, "|")}}}
		if got := runsClient(s); got != want {
			t.Errorf("%s: got %v", command, got)
		}
	}
}
