package main

import (
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata" // Europe/Berlin, wherever this runs

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestServicesSleepOutsideOfTheirHours looks at each half hour of the week in which the clocks go
// back in Berlin: who runs, and that no plan fights it.
func TestServicesSleepOutsideOfTheirHours(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{})
	write(t, e.file, `name: shop
x-fargate: {hours: "Mon-Fri 08:00-19:00 Europe/Berlin"}
services:
  db: {image: "postgres:17", environment: {POSTGRES_HOST_AUTH_METHOD: trust}}
  web: {image: "shop/web:1", scale: 2, depends_on: [db]}
`)
	e.fake.Mutate(func(a *simulator.Account) { a.Clock = time.Date(2026, 10, 21, 10, 5, 0, 0, time.UTC).Unix() })
	e.mustApply(plan.Scope{})
	for range 7 * 48 {
		half := e.fake.Now().Truncate(30 * time.Minute).Add(45 * time.Minute) // a quarter past it
		if err := e.fake.Pass(t.Context(), half.Sub(e.fake.Now())); err != nil {
			t.Fatal(err)
		}
		now := e.fake.Now().In(zone)
		minute := now.Hour()*60 + now.Minute()
		want := 0
		if day := now.Weekday(); day != time.Saturday && day != time.Sunday && minute >= 8*60 && minute < 19*60 {
			want = 2
		}
		counts := map[string]int32{}
		e.fake.Mutate(func(a *simulator.Account) {
			for _, s := range a.Services.All() {
				counts[*s.ServiceName] = s.DesiredCount
			}
		})
		if int(counts["web"]) != want || int(counts["db"]) != want/2 {
			t.Errorf("on %s, web has %d tasks and db %d, want %d and %d", now, counts["web"], counts["db"], want, want/2)
		}
		if now.Hour()%6 != 3 || now.Minute() > 30 {
			continue
		}
		if _, p, _ := e.plan(plan.Scope{}); p.Changed() {
			t.Errorf("on %s, a plan wants %+v", now, p.Summary)
		}
	}
}
