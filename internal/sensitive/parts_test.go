package sensitive

import (
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for name, want := range map[string]string{
		"":                     "",
		"DB_PASSWORD":          "db password",
		"dbPassword":           "db password",
		"APIKey":               "api key",
		"apiKEY2":              "api key",
		"PGPASSWORD":           "pg password",
		"RCONPW":               "rcon pw",
		"TLSPSK":               "tls psk",
		"MASTERPASS":           "master pass",
		"bypass":               "bypass",
		"OLDPWD":               "oldpwd",
		"passwordFile":         "password file",
		"PASSWORDFILE":         "password file",
		"passe":                "passe",
		"spring.datasource.pw": "spring datasource pw",
		"--db-token-ttl":       "db token ttl",
		"CONTRASEÑA_1":         "contraseña 1",
		"2FA":                  "2fa",
		"a__b..c":              "a b c",
		"\xff=":                "",
	} {
		if got := strings.Join(split(name), " "); got != want {
			t.Errorf("%q is cut to %q, want %q", name, got, want)
		}
	}
}

func TestCommandsOf(t *testing.T) {
	for script, want := range map[string]string{
		"":                                    "",
		"a b":                                 "a,b",
		"a 'b c' \"d e\"":                     "a,b c,d e",
		`a b\ c "\"d"`:                        `a,b c,"d`,
		`a '\'`:                               `a,\`,
		"a; b && c || d | e & f":              "a/b/c/d/e/f",
		"a\\\n b":                             "a,b",
		"a\nb":                                "a/b",
		"a > x b 2>/dev/null <in":             "a,b",
		"htpasswd -Bbn u p >> /auth/htpasswd": "htpasswd,-Bbn,u,p",
		"$(a b)":                              "$/a,b",
		"a ''":                                "a,",
		"a 'b":                                "a,b",
		`a \`:                                 "a",
		"PW=x a":                              "PW=x,a",
	} {
		var commands []string
		for _, words := range commandsOf(script) {
			commands = append(commands, strings.Join(words, ","))
		}
		if got := strings.Join(commands, "/"); got != want {
			t.Errorf("%q is read as %q, want %q", script, got, want)
		}
	}
}

func TestEachPair(t *testing.T) {
	for text, want := range map[string][]string{
		"a=b":                           {"a=b"},
		`{"a": "b", 'c' :"d"}`:          {"a=b", "c=d"},
		"x['a_b'] = 'c'; $d = \"e\"":    {"a_b=c", "d=e"},
		"a => 'b'":                      {"a=b"},
		"a := b":                        {"a=b", "a=b"},
		"--a=b -Dc.d=e":                 {"--a=b", "-Dc.d=e"},
		"a == b != c":                   nil,
		"http://x":                      nil,
		"${A:-b} ${C}":                  nil,
		"Password=Y(7)r;X=1":            {"Password=Y(7)r", "X=1"},
		"f(a=b)":                        {"a=b"},
		"Account Key=k":                 {"Account Key=k"},
		"PASSWORD = N'x'":               {"PASSWORD=x"},
		"PASSWORD :'x'":                 nil,
		`a: "b\"c"`:                     {"a=b"}, // as within a text in quotes
		`"{\"a\":\"b\"}"`:               {"a=b"},
		`"export A="+x`:                 nil,
		"db.createUser({ pwd: hisPwd }": nil,
		"a:":                            nil,
		"=":                             nil,
	} {
		var got []string
		eachPair(text, func(p pair) bool {
			got = append(got, p.name+"="+p.value)
			return false
		})
		if !slices.Equal(got, want) {
			t.Errorf("%q has the pairs %q, want %q", text, got, want)
		}
	}
}

func TestIsNaming(t *testing.T) {
	for _, name := range []string{"POSTGRES_USER", "dbUsername", "MYSQL_DATABASE", "POSTGRES_DB", "APP_NAME", "REDIS_HOST", "DB_SCHEMA", "S3_BUCKET", "AWS_REGION", "COOKIE_DOMAIN"} {
		if !IsNaming(name) {
			t.Errorf("%s names nothing", name)
		}
	}
	for _, name := range []string{"", "POSTGRES_PASSWORD", "API_KEY", "USER_TOKEN", "PORT", "USERNAME_PASSWORD"} {
		if IsNaming(name) {
			t.Errorf("%s names something", name)
		}
	}
}

func TestFilesAboutNames(t *testing.T) {
	words := `{"password": "Passwort", "token": "Zugangscode"}`
	for name, secret := range map[string]bool{
		"de.json": false, "locales/en-US.json": false, "i18n/x.json": false, "messages_fr.json": false, "user.schema.json": false,
		"openapi.json": false, "package.json": false, "tokenizer_config.json": false,
		"config.json": true, "settings/app.json": true, "": true,
	} {
		if got := File(name, words); got != secret {
			t.Errorf("%s has a secret: %v, want %v", name, got, secret)
		}
	}
	if !File("locales/de.json", `{"url": "postgres://app:hunter22@db/app"}`) {
		t.Error("an address with a password in a translation is none")
	}
}

func TestCommentsAreNoSecrets(t *testing.T) {
	for _, text := range []string{"# the password for admin is set below\n", "// password: hunter22\n", "-- PASSWORD 'x1y2z3'\n", "; admin_passwd = x1\n", "# uses basic authentication\n"} {
		if File("x.conf", text) {
			t.Errorf("%q has a secret", text)
		}
	}
}
