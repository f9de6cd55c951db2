package translate

import (
	"regexp"
	"strings"
	"testing"
)

func TestNamesStayWhereAWSTakesThem(t *testing.T) {
	for _, name := range []string{"web", "my-api", "my_api", "Web2", strings.Repeat("a", 255)} {
		if got := ecsName(name); got != name {
			t.Errorf("%s became %s", name, got)
		}
	}
}

func TestNamesThatAWSRefusesEndInAHash(t *testing.T) {
	for _, c := range []struct {
		alphabet   alphabet
		name, want string
	}{
		{ecsAlphabet, "my.api", "my-api-d3d1d88c"},
		{ecsAlphabet, "my-api-d3d1d88c", "my-api-d3d1d88c-b73161ba"},
		{ecsAlphabet, strings.Repeat("a", 256), strings.Repeat("a", 246) + "-02d7160d"},
		{iamAlphabet, "shop-web-task-eu-central-1", "shop-web-task-eu-central-1"},
		{iamAlphabet, "shop-Web-task-eu-central-1", "shop-Web-task-eu-central-1-36282eaa"},
		{iamAlphabet, strings.Repeat("b", 65), strings.Repeat("b", 55) + "-74b128f3"},
		{groupAlphabet, "shop-net-my.net", "shop-net-my.net"},
		{logAlphabet, "/compose2fargate/shop", "/compose2fargate/shop"},
	} {
		if got := c.alphabet.fit(c.name); got != c.want {
			t.Errorf("%s became %s, want %s", c.name, got, c.want)
		}
	}
}

func TestGroupNamesAreNotThoseOfEC2(t *testing.T) {
	if got := groupName("sg-shop", "net-default", "", ""); strings.HasPrefix(got, "sg-") {
		t.Error(got)
	}
	long := groupName(strings.Repeat("p", 200), "net-"+strings.Repeat("n", 200), "", "")
	if len(long) > 255 {
		t.Errorf("%d characters", len(long))
	}
}

// FuzzNames looks for two names that become one, and for names that AWS refuses.
func FuzzNames(f *testing.F) {
	f.Add("my.api", "my-api")
	f.Add("my.api", "my-api-d3d1d88c")
	f.Add("Web", "web")
	f.Add(strings.Repeat("a", 300), strings.Repeat("a", 301))
	f.Add("ä", "ö")
	taken := regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	f.Fuzz(func(t *testing.T, a, b string) {
		if a == "" || b == "" || a == b {
			return
		}
		if ecsName(a) == ecsName(b) {
			t.Errorf("%q and %q are both %s", a, b, ecsName(a))
		}
		if strings.EqualFold(iamAlphabet.fit(a), iamAlphabet.fit(b)) {
			t.Errorf("%q and %q are both %s to IAM", a, b, iamAlphabet.fit(a))
		}
		for _, name := range []string{a, b} {
			if !taken.MatchString(ecsName(name)) {
				t.Errorf("%q became %q", name, ecsName(name))
			}
		}
	})
}
