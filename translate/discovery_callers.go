package translate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// noteCallers reports services that seem to check the address of their clients,
// because Service Connect hides it.
func (d *discovery) noteCallers() {
	for _, k := range d.tasks {
		for _, m := range k.members {
			if !slices.ContainsFunc(d.endpoints[k], func(e endpoint) bool { return e.owner == m.Name }) {
				continue
			}
			if path, what, help := callerCheck(m); path != nil {
				d.notef(path, help, "%s: clients connect through the Service Connect proxy, from 127.0.0.1", what)
			}
		}
	}
}

// callerVariables are variables of images that depend on the address of the
// client.
var callerVariables = []string{
	"POSTGRES_HOST_AUTH_METHOD", "MYSQL_ROOT_HOST", "MARIADB_ROOT_HOST", "MARIADB_MYSQL_LOCALHOST_USER", "FORWARDED_ALLOW_IPS",
}

// callerOptions are the same in command lines and in the names of mounted files.
var callerOptions = []string{"pg_hba.conf", "hba_file", "--protected-mode", "skip-name-resolve"}

// callerCheck is the first place that shows that a service looks at who calls it,
// nil for none, with what it shows.
func callerCheck(s container) (path diag.Path, what, help string) {
	const depends = " depends on the client's address"
	for _, name := range sortedKeys(s.Environment) {
		if slices.Contains(callerVariables, name) || strings.HasSuffix(name, "TRUSTED_PROXIES") {
			return s.at("environment", name), name + depends, ""
		}
	}
	for _, option := range callerOptions {
		if slices.ContainsFunc(s.Command, func(word string) bool { return strings.Contains(word, option) }) {
			return s.at("command"), option + depends, ""
		}
		for i, v := range s.Volumes {
			if strings.HasSuffix(v.Target, option) {
				return s.at("volumes", strconv.Itoa(i)), option + depends, ""
			}
		}
	}
	if trustsLocal(s) {
		return s.at("environment", "POSTGRES_PASSWORD"), "the PostgreSQL image does not ask clients on 127.0.0.1 for a password",
			"set POSTGRES_INITDB_ARGS: --auth-host=scram-sha-256 before the database is created"
	}
	return nil, "", ""
}

// trustsLocal sees PostgreSQL as its official image sets it up: initdb lets 127.0.0.1
// in without a password ("host all all 127.0.0.1/32 trust"), and the image asks
// the others only (its page: "sets up trust authentication locally").
func trustsLocal(s container) bool {
	arguments := s.Environment["POSTGRES_INITDB_ARGS"]
	return s.Environment["POSTGRES_PASSWORD"] != nil && (arguments == nil || !strings.Contains(*arguments, "auth")) && isPostgres(s.Image)
}
