package translate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// servedBy tells where a service listens that mounts a text: the ports, each with the line
// of a redirect to https:// or the host of a certificate, and … where there may be more.
func servedBy(t *testing.T, service, target, text string) string {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Base(target)
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return servedIn(t, dir, fmt.Sprintf("services:\n  x: {%s, volumes: [\"./%s:%s:ro\"]}\n", service, name, target))
}

// servedIn tells the same of the service x of a compose file in a directory.
func servedIn(t *testing.T, dir, file string) string {
	t.Helper()
	p, ds := Load(t.Context(), Options{Dir: dir, Files: []string{"-"}, Stdin: strings.NewReader(file)})
	if p == nil {
		t.Fatal(printed(ds))
	}
	s := p.Compose.Services["x"]
	found := p.servingOf(container{ServiceConfig: &s})
	var out []string
	for _, one := range found.sockets {
		word := fmt.Sprint(one.port)
		if one.loops {
			word += fmt.Sprintf(":loop@%d", one.pos.Line)
		}
		if one.acme != "" {
			word += ":" + one.acme
		}
		out = append(out, word)
	}
	if !found.whole {
		out = append(out, "…")
	}
	return strings.Join(out, " ")
}

func TestWhereNginxListens(t *testing.T) {
	const main, part = "/etc/nginx/nginx.conf", "/etc/nginx/conf.d/default.conf"
	for _, test := range []struct{ service, target, text, want string }{
		{"image: nginx", part, "server {\n  listen 80; # listen 443;\n}", "80"},
		{"image: docker.io/library/nginx:1.27@sha256:0000000000000000000000000000000000000000000000000000000000000000", part, "server { listen 80 default_server; listen [::]:80; listen 443 ssl; }", "80 80 443"},
		{"image: nginx", part, "server { server_name x; }", "80"},
		{"image: nginx", "/etc/nginx/conf.d/mine.conf", "server { listen 8080; }", "8080 80"},
		{"image: nginxinc/nginx-unprivileged", "/etc/nginx/conf.d/mine.conf", "server { listen 8081; }", "8081 8080"},
		{"image: nginx", part, "server { listen 127.0.0.1:81; listen unix:/x.sock; listen 10.0.0.1; listen 443 quic reuseport; listen *:82-83; }", "80 82 83"},
		{"image: nginx", main, "events {}\nhttp {\n  include mime.types;\n  server { listen 8080; location ~ \"^/a{2}\" { return 200; } }\n}\nstream { server { listen 5432; proxy_pass db:5432; } }", "8080 5432"},
		{"image: nginx", main, "http { include /etc/nginx/conf.d/*.conf; server { listen 81; } }", "80 81"},
		{"image: nginx", main, "http { include sites/*; server { listen 81; } }", "81 …"},
		{"image: nginx", "/etc/nginx/templates/default.conf.template", "server { listen ${PORT}; }", "…"},
		{"image: nginx, environment: {PORT: 8080}", "/etc/nginx/templates/default.conf.template", "server { listen ${PORT}; }", "8080"},
		{"image: nginx, command: [nginx, -g, daemon off;]", part, "server { listen 80; }", "80"},
		{"image: nginx, command: [nginx, -c, /other.conf]", part, "server { listen 80; }", "80 …"},
		{"image: nginx, command: \"sh -c 'envsubst < /x > /etc/nginx/conf.d/y.conf && nginx'\"", part, "server { listen 80; }", "80 …"},
		{"image: \"\", build: {context: ., dockerfile_inline: FROM nginx}", part, "server { listen 80; }", "80"},
		{"image: \"\", build: {context: ., dockerfile_inline: FROM nginx}", main, "http { server { listen 81; } }", "81"},
		{"image: linuxserver/nginx", part, "server { listen 80; }", "…"},
		// what redirects to TLS
		{"image: nginx", part, "server {\n listen 80;\n return 301 https://$host$request_uri;\n}\nserver { listen 443 ssl; return 301 https://$host/a; }", "80:loop@3 443"},
		{"image: nginx", part, "server {\n listen 80;\n location /.well-known { root /x; }\n location / {\n  return 308 https://$server_name$request_uri;\n }\n}", "80:loop@5"},
		{"image: nginx", part, "server {\n server_name a.example;\n if ($host = a.example) { return 301 https://$host$request_uri; }\n return 404;\n}", "80:loop@3"},
		{"image: nginx", part, "server {\n server_name a.example;\n rewrite ^ https://a.example$request_uri? permanent;\n}", "80:loop@3"},
		{"image: nginx", part, "server {\n if ($http_x_forwarded_proto = http) { return 301 https://$host$request_uri; }\n}", "80"},
		{"image: nginx", part, "server { return 301 https://other.example/; }\nserver { location /old { return 301 https://$host/new; } }", "80 80"},
	} {
		if got := servedBy(t, test.service, test.target, test.text); got != test.want {
			t.Errorf("%s %s:\n%s\ngot %q, want %q", test.service, test.target, test.text, got, test.want)
		}
	}
}

func TestWhereTraefikListens(t *testing.T) {
	const main = "/etc/traefik/traefik.yml"
	for _, test := range []struct{ service, target, text, want string }{
		{"image: traefik, command: [--entrypoints.web.address=:80]", "/d.yml", "", "80"},
		{"image: \"traefik:v3.2\", command: [--entryPoints.web.address=:80, \"--entryPoints.tls.address=:443/tcp\", \"--entryPoints.dns.address=:53/udp\"]", "/d.yml", "", "80 443"},
		{"image: traefik, command: [--entrypoints.web.address=127.0.0.1:80, --entrypoints.x.address=:81]", "/d.yml", "", "81"},
		{"image: traefik, command: [--providers.docker]", "/d.yml", "", "80"},
		{"image: traefik, command: [--api.insecure=true, --entrypoints.web.address=:80]", "/d.yml", "", "80 8080"},
		{"image: traefik, environment: {TRAEFIK_ENTRYPOINTS_WEB_ADDRESS: \":8000\"}", "/d.yml", "", "8000"},
		{"image: traefik", main, "entryPoints:\n  web:\n    address: \":80\"\n  tls: {address: \":443\"}\n", "443 80"},
		{"image: traefik, command: [--entrypoints.tls.address=:443]", main, "entrypoints: {web: {address: \":80\"}}", "80"},
		{"image: traefik", main, "ping: {}\n", "80 8080"},
		{"image: traefik", "/etc/traefik/traefik.toml", "[entryPoints]\n  [entryPoints.web]\n    address = \":80\"\n  [entryPoints.web.http]\n[x]\n  address = \":9\"\n", "80"},
		{"image: traefik, command: [--configfile=/my.yml]", "/my.yml", "entryPoints: {web: {address: \":81\"}}", "81"},
		{"image: traefik, command: [--configfile=/other.yml]", "/my.yml", "entryPoints: {web: {address: \":81\"}}", "…"},
		{"image: traefik", main, "entryPoints: {web: {address: \":{{ port }}\"}}", "…"},
		{"image: \"traefik:1.7\", command: [\"--entrypoints=Name:http Address::80\"]", "/d.yml", "", "…"},
		{"image: acme/traefik, command: [--entrypoints.web.address=:80]", "/d.yml", "", "…"},
	} {
		if got := servedBy(t, test.service, test.target, test.text); got != test.want {
			t.Errorf("%s %s:\n%s\ngot %q, want %q", test.service, test.target, test.text, got, test.want)
		}
	}
}

func TestWhereCaddyListens(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{":80 {\n respond ok\n}", "80"},
		{"# a comment\nhttp://a.example, http://b.example:8080 {\n reverse_proxy app:3000\n}", "80 8080"},
		{"a.example {\n reverse_proxy app\n}", "443:a.example 80:loop@1"},
		{"a.example,\nb.example/x {\n}", "443:a.example 80:loop@1 443:b.example 80:loop@1"},
		{"a.example\nreverse_proxy app:3000", "443:a.example 80:loop@1"},
		{"{\n email a@a.example\n http_port 8080\n https_port 8443\n}\na.example {\n}", "8443:a.example 8080:loop@6"},
		{"{\n auto_https off\n}\na.example {\n}", "443"},
		{"{\n auto_https disable_redirects\n}\na.example {\n}", "443:a.example"},
		{"{\n admin 0.0.0.0:2019\n}\n:443 {\n}", "2019 443"},
		{"{\n acme_dns cloudflare x\n}\na.example {\n}", "443 80:loop@4"},
		{"localhost {\n}\n*.a.example {\n}\nhost.internal {\n}", "443 80:loop@1 443 80:loop@3 443 80:loop@5"},
		{"a.example {\n tls internal\n}", "443 80:loop@1"},
		{"a.example {\n tls /a.pem /a.key\n}", "443 80:loop@1"},
		{"a.example {\n tls {\n  dns cloudflare {env.T}\n }\n}", "443 80:loop@1"},
		{"(mine) {\n tls internal\n}\na.example {\n import mine\n}", "443 80:loop@4"},
		{"a.example:8443 {\n tls a@a.example\n}", "8443:a.example 80:loop@1"},
		{"{$HOST} {\n}", "443:h.example 80:loop@1"},
		{"{$NONE:a.example} {\n}\n{$NONE} {\n}", "443:a.example 80:loop@1 …"},
		{":80 {\n reverse_proxy {$NONE}\n}\nimport sites/*", "80 …"},
	} {
		service := "image: caddy:2-alpine, environment: {HOST: h.example}"
		if got := servedBy(t, service, "/etc/caddy/Caddyfile", test.text); got != test.want {
			t.Errorf("%s\ngot %q, want %q", test.text, got, test.want)
		}
	}
}

func TestWhereHAProxyAndMosquittoListen(t *testing.T) {
	const haproxy, mosquitto = "/usr/local/etc/haproxy/haproxy.cfg", "/mosquitto/config/mosquitto.conf"
	for _, test := range []struct{ image, target, text, want string }{
		{"haproxy:3.0", haproxy, "global\n stats socket /run/x.sock mode 660\ndefaults\n mode http\nfrontend f\n bind *:80\n # bind *:81\nbackend b\n server s app:3000", "80"},
		{"haproxy", haproxy, "listen x :5432,[::]:5433\n server db db:5432\nfrontend f\n bind :::443 v4v6 ssl crt /x.pem\n bind unix@/x.sock\n bind 127.0.0.1:9000", "5432 5433 443"},
		{"haproxy", haproxy, "global\n stats socket ipv4@0.0.0.0:9999 level admin\npeers p\n peer me 0.0.0.0:10000\nfrontend f\n bind \"*:${PORT-8000}\"", "9999 10000 8000"},
		{"haproxy", haproxy, "frontend f\n bind \"*:${PORT}\"\n bind *:80", "80 …"},
		{"haproxy", haproxy, "frontend f\n bind *:80\n bind *:443 ssl crt /x.pem\n http-request redirect scheme https code 301 unless { ssl_fc }", "80:loop@4 443"},
		{"haproxy", haproxy, "frontend f\n bind *:80\n redirect scheme https if !{ ssl_fc }", "80:loop@3"},
		{"haproxy", haproxy, "frontend f\n bind *:80\n redirect scheme https unless { hdr(X-Forwarded-Proto) https }", "80"},
		{"eclipse-mosquitto:2", mosquitto, "listener 1883\nallow_anonymous true", "1883"},
		{"eclipse-mosquitto:2", mosquitto, "listener 1883 0.0.0.0\nlistener 9001\nprotocol websockets\nlistener 1884 127.0.0.1\nlistener 0 /x.sock", "1883 9001"},
		{"eclipse-mosquitto", mosquitto, "# listener 9001\npersistence true", "1883"},
		{"eclipse-mosquitto", mosquitto, "listener 1883\ninclude_dir /mosquitto/conf.d", "1883 …"},
	} {
		if got := servedBy(t, "image: "+test.image, test.target, test.text); got != test.want {
			t.Errorf("%s\ngot %q, want %q", test.text, got, test.want)
		}
	}
}

// TestWhereAnImageThatIsBuiltListens has the text as a file of the build context.
func TestWhereAnImageThatIsBuiltListens(t *testing.T) {
	const server = "server { listen 8080; }"
	for _, test := range []struct{ name, text, dockerfile, want string }{
		{"default.conf", server, "FROM nginx:1.27\nCOPY default.conf /etc/nginx/conf.d/default.conf", "8080"},
		{"default.conf", server, "FROM nginx:1.27\nCOPY *.conf /etc/nginx/conf.d/", "8080"},
		{"site.conf", server, "FROM nginx\nCOPY site.conf /etc/nginx/conf.d/", "8080 80"},
		{"site.conf", server, "FROM nginx\nRUN rm /etc/nginx/conf.d/default.conf\nCOPY site.conf /etc/nginx/conf.d/", "8080"},
		{"site.conf", server, "FROM nginx\nRUN rm -rf /etc/nginx/conf.d/*\nCOPY site.conf /etc/nginx/conf.d/", "8080"},
		{"nginx.conf", "http { server { listen 81; } }", "FROM node AS build\nCOPY . /src\nFROM nginx\nCOPY --from=build /src/nginx.conf /etc/nginx/nginx.conf", "81"},
		{"default.conf.template", "server { listen ${PORT}; }", "FROM nginx\nENV PORT=8082\nCOPY default.conf.template /etc/nginx/templates/", "8082"},
		{"default.conf", server, "FROM nginx\nCOPY default.conf /etc/nginx/conf.d/\nRUN sed -i s/8080/81/ /etc/nginx/conf.d/default.conf", "8080 …"},
		{"default.conf", server, "FROM nginx\nCOPY default.conf /etc/nginx/conf.d/\nCOPY --from=other/image /x.conf /etc/nginx/conf.d/x.conf", "8080 …"},
		{"default.conf", server, "FROM nginx\nCOPY default.conf /etc/nginx/conf.d/\nENTRYPOINT [\"/start.sh\"]", "8080 …"},
		{"Caddyfile", ":8080 {\n}", "FROM caddy:2\nCOPY Caddyfile /etc/caddy/Caddyfile", "8080"},
		{"haproxy.cfg", "frontend f\n bind *:8081", "FROM haproxy:3.0\nCOPY haproxy.cfg /usr/local/etc/haproxy/haproxy.cfg", "8081"},
		{"httpd.conf", "Listen 8080\n# Listen 81", "FROM httpd:2.4\nCOPY ./httpd.conf /usr/local/apache2/conf/httpd.conf", "8080"},
		{"httpd.conf", "Listen 80\nInclude conf/extra/httpd-ssl.conf\nInclude conf/extra/httpd-default.conf", "FROM httpd:2.4\nCOPY httpd.conf /usr/local/apache2/conf/", "443 80"},
		{"httpd.conf", "Listen 80\nInclude conf/mine/*.conf", "FROM httpd:2.4\nCOPY httpd.conf /usr/local/apache2/conf/", "80 …"},
		{"ports.conf", "Listen 8080\n<IfModule ssl_module>\n\tListen 443\n</IfModule>", "FROM php:8.3-apache\nCOPY ports.conf /etc/apache2/ports.conf", "8080"},
		{"ports.conf", "Listen 8080\n<IfModule ssl_module>\n\tListen 443\n</IfModule>", "FROM php:8.3-apache\nRUN a2enmod rewrite ssl\nCOPY ports.conf /etc/apache2/ports.conf", "8080 443"},
		{"site.conf", "Listen 8080\n<VirtualHost *:8080>\n</VirtualHost>", "FROM wordpress:6\nCOPY site.conf /etc/apache2/sites-available/000-default.conf", "8080 80"},
		{"site.conf", "<VirtualHost *:8080>\n</VirtualHost>", "FROM php:8-apache\nCOPY site.conf /etc/apache2/sites-enabled/000-default.conf", "80"},
		{"site.conf", "<VirtualHost *:80>\n ServerName a.example\n Redirect permanent / https://a.example/\n</VirtualHost>", "FROM php:8-apache\nCOPY site.conf /etc/apache2/sites-enabled/", "80:loop@3"},
		{"site.conf", "<VirtualHost *:80>\n RewriteCond %{HTTPS} off\n RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [L,R=301]\n</VirtualHost>", "FROM php:8-apache\nCOPY site.conf /etc/apache2/sites-enabled/", "80:loop@3"},
		{"site.conf", "<VirtualHost *:80>\n RewriteCond %{HTTP:X-Forwarded-Proto} !https\n RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI}\n</VirtualHost>", "FROM php:8-apache\nCOPY site.conf /etc/apache2/sites-enabled/", "80"},
		{"site.conf", "Listen 81", "FROM php:8-apache\nCOPY site.conf /etc/apache2/sites-enabled/\nRUN sed -i s/80/82/ $APACHE_CONFDIR/ports.conf", "80 81 …"},
		{"site.conf", "Listen 81", "FROM php:8-fpm\nCOPY site.conf /etc/apache2/sites-enabled/", "…"},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{test.name: test.text, "Dockerfile": test.dockerfile} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := servedIn(t, dir, "services: {x: {build: .}}\n"); got != test.want {
			t.Errorf("%s\n%s\ngot %q, want %q", test.dockerfile, test.text, got, test.want)
		}
	}
}
