package translate

import "testing"

func TestANameIsRewrittenWhereItIsAHost(t *testing.T) {
	r := rename{from: "db", host: "pg.example.org", port: 6000}
	for _, test := range []struct{ variable, value, want string }{
		{"DB_HOST", "db", "pg.example.org"},
		{"PGHOST", "db", "pg.example.org"},
		{"AUTH_HOST", "db", "pg.example.org"},
		{"DB", "db", "pg.example.org"},
		{"dbHost", "db", "pg.example.org"},
		{"DB_ADDR", "db:5432", "pg.example.org:6000"},
		{"X", "a:1,db:2", "a:1,pg.example.org:6000"},
		{"X", "db:1,db:2", "pg.example.org:6000,pg.example.org:6000"},
		{"X", "wait for db:5432 please", "wait for pg.example.org:6000 please"},
		{"X", "db:5432/0", "pg.example.org:6000/0"},
		{"X", "1@db:9093", "1@pg.example.org:6000"},
		{"URL", "postgres://db/db", "postgres://pg.example.org/db"},
		{"URL", "postgres://db:5432/db", "postgres://pg.example.org:6000/db"},
		{"URL", "postgres://db:db@db:5432/db?x=db", "postgres://db:db@pg.example.org:6000/db?x=db"},
		{"URL", "redis://:pw@db:6379", "redis://:pw@pg.example.org:6000"},
		{"URL", "redis://:p@db@db:6379", "redis://:p@db@pg.example.org:6000"},
		{"URL", "jdbc:postgresql://db:5432/shop", "jdbc:postgresql://pg.example.org:6000/shop"},
		{"URL", "mongodb://u:p@a:1,db:2/x", "mongodb://u:p@a:1,pg.example.org:6000/x"},
		{"URL", "http://a:1,http://db:2", "http://a:1,http://pg.example.org:6000"},
		{"URL", "http://db?x", "http://pg.example.org?x"},
		{"URL", "http://x/?to=http://db:80/", "http://x/?to=http://pg.example.org:6000/"},
		{"DSN", "host=db port=5432 dbname=db", "host=pg.example.org port=5432 dbname=db"},
		{"DSN", "Server=db;Database=db;User Id=db", "Server=pg.example.org;Database=db;User Id=db"},
		{"DSN", "Data Source=db;x", "Data Source=pg.example.org;x"},
		{"DSN", "postgresql:///x?host=db&user=db", "postgresql:///x?host=pg.example.org&user=db"},
		{"DSN", "u:p@tcp(db:3306)/db", "u:p@tcp(pg.example.org:6000)/db"},
		{"ES_HOSTS", "a,db,c", "a,pg.example.org,c"},
		{"ES_HOSTS", `["a", "db"]`, `["a", "pg.example.org"]`},
		{"discovery.seed_hosts", "a, db", "a, pg.example.org"},
	} {
		if got := r.value(test.variable, test.value); got != test.want {
			t.Errorf("%s=%s: got %s, want %s", test.variable, test.value, got, test.want)
		}
	}
}

func TestANameIsLeftAloneWhereItIsNoHost(t *testing.T) {
	r := rename{from: "db", host: "pg.example.org", port: 6000}
	for _, test := range [][2]string{
		{"X", ""},
		{"X", "dbname=db"},
		{"X", "mydb"},
		{"X", "db2:5432"},
		{"X", "db-1"},
		{"X", "/db"},
		{"X", "db/x"},
		{"X", "the db is here"},
		{"X", "a,db"},
		{"URL", "http://db.example.com"},
		{"URL", "http://www.db:80"},
		{"URL", "http://my-db:80"},
		{"URL", "http://x/db"},
		{"URL", "http://db@x/"},
		{"URL", "http://db:secret@x/"},
		{"URL", "http://u:db@x/"},
		{"URL", "http://x:80/?db:80x"},
		{"URL", "postgres://u:p/db@x:5432/"},
		{"POSTGRES_DB", "db"},
		{"POSTGRES_USER", "db"},
		{"PGUSER", "db"},
		{"DB_AUTH", "db"},
		{"DB_CONNECTION", "db"},
		{"OTEL_SERVICE_NAME", "db"},
		{"HOST_TYPE", "db"},
		{"IMAGE", "db:7"},
		{"X", "db:7-alpine"},
		{"X", "db:7.2"},
		{"X", "db:99999"},
		{"X", "db:latest"},
		{"ADMIN_EMAIL", "admin@db"},
		{"X", "DB:5432"},
		{"X", "dbdb:5432"},
		{"X", "ödb:5432"},
	} {
		if got := r.value(test[0], test[1]); got != test[1] {
			t.Errorf("%s=%s: got %s", test[0], test[1], got)
		}
	}
}

func TestThePortStaysWhereNoneIsGiven(t *testing.T) {
	r := rename{from: "db", host: "pg"}
	if got := r.value("URL", "postgres://db:5432/db"); got != "postgres://pg:5432/db" {
		t.Error(got)
	}
}

func TestANameMayHoldAnotherOrTheHostItself(t *testing.T) {
	for _, test := range []struct {
		r           rename
		value, want string
	}{
		{rename{from: "my.db", host: "x"}, "http://my.db:1,http://myxdb:1", "http://x:1,http://myxdb:1"},
		{rename{from: "db", host: "db.db"}, "db:1,db:2", "db.db:1,db.db:2"},
		{rename{from: "http", host: "x"}, "http://http:80", "http://x:80"},
	} {
		if got := test.r.value("X", test.value); got != test.want {
			t.Errorf("%s: got %s", test.value, got)
		}
	}
}

func TestACommandNamesAServiceByWordOrHost(t *testing.T) {
	for word, want := range map[string]bool{
		"db": true, "db:5432": true, "--host=db": true, "pg_isready -h db -p 1": true, "http://db/": true, "sh -c 'ping db'": true,
		"mydb": false, "db.sql": false, "/db": false, "": false,
	} {
		if got := namedBy("db", word); got != want {
			t.Errorf("%q: got %v", word, got)
		}
	}
}

func FuzzRewriting(f *testing.F) {
	f.Add("URL", "postgres://db:5432/db")
	f.Add("X", "a:1,db:2")
	f.Fuzz(func(t *testing.T, variable, value string) {
		same := rename{from: "db", host: "db"}
		if got := same.value(variable, value); got != value {
			t.Errorf("%s=%q: got %q", variable, value, got)
		}
	})
}
