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

func TestNameAndMayBe(t *testing.T) {
	for name, want := range map[string][2]bool{"DB_PASSWORD": {true, true}, "SMTP_AUTH": {false, true}, "LOG_LEVEL": {false, false}, "HCLOUD": {false, false}, "": {false, false}} {
		if got := [2]bool{Name(name), MayBe(name)}; got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
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

// TestKinds are names, commands and files of the usual images, apart from the lists.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"TRUST_STORE_PASSWORD", "changeit", true},
		{"VERIFY_TOKEN", "abc", true},
		{"MAX_TOKENS", "abc", false},
		{"PROXY_PASS", "http://app:3000", false},
		{"NEO4J_AUTH", "neo4j/test", true},
		{"RUN_AS_USER", "node:node", false},
		{"USER", "1000:1000", false},
		{"SFTP_USERS", "foo:pass:1001", true},
		{"GPIO_PIN", "17", false},
		{"LOCK_PIN", "4711", true},
		{"X", "redis:7-alpine@sha256:cd218f4b106a332c", false},
		{"VAPID_SUBJECT", "mailto:me@example.com", false},
		{"CONTRACT_ADDRESS", "0x5FbDB2315678afecb367f032d93F642f64180aa3", false},
		{"AWS_KMS_KEY_ID", "1234abcd-12ab-34cd-56ef-1234567890ab", false},
		{"REDIS_ARGS", "--requirepass abc --appendonly yes", true},
		{"PASSWORD", "${PASSWORD}", false},
	} {
		if got := Is(c.name, c.value); got != c.want {
			t.Errorf("%s = %s is a secret: %v, want %v", c.name, c.value, got, c.want)
		}
	}
}

func TestFilesOfPrograms(t *testing.T) {
	for name, text := range map[string]string{
		"README.md": "Enter your password: then press Enter. The token is stored.\n",
		"login.ts":  "interface Login { password: string }\nlogin({ password: form.password });\n",
		"login.py":  "def login(user, password):\n    password=password\n",
		"A.java":    "private String token;\nthis.password = password;\n",
		"main.tf":   "password = var.db_password\n",
		"ci.yml":    "token: \"{{ token }}\"\n",
	} {
		if File(name, text) {
			t.Errorf("%s has a secret", name)
		}
	}
	for name, text := range map[string]string{
		"settings.py": "SECRET_KEY = 'abc'\n",
		"config.ts":   "export default { password: \"hunter\" }\n",
		"db.yml":      "db:\n  password: hunter\n",
		"x.sql":       "CREATE USER a WITH PASSWORD 'abc';\n",
		"m.js":        "db.createUser({user:'a',pwd:'b'})\n",
	} {
		if !File(name, text) {
			t.Errorf("%s has no secret", name)
		}
	}
}
