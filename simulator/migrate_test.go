package simulator_test

import (
	"encoding/json"
	"os"
	"testing"
)

// TestAFileOfAnOlderVersionIsRead takes a state file back to what it was before
// endpoints had a table: each deployment had a list of those that it knew.
func TestAFileOfAnOlderVersionIsRead(t *testing.T) {
	options := inFile(t)
	w, _ := mesh(t, options)
	w.offer("web", 1)
	w.offer("db", 1)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	makeOlder(t, options.StateFile)

	again := newWorld(t, options)
	if !again.resolves("db", "web", 8080) || again.resolves("web", "db", 8080) {
		t.Error("what the deployments of the older file knew was lost")
	}
	again.offer("later", 1)
	if !again.resolves("later", "db", 8080) || again.resolves("db", "later", 8080) {
		t.Error("a deployment after it does not know what was there")
	}
}

// makeOlder knows that the deployment of web knew web, and that of db both.
func makeOlder(t *testing.T, file string) {
	t.Helper()
	var state map[string]any
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	tables := state["tables"].(map[string]any)
	known := tables["ecs.known-endpoints"].(map[string]any)
	for key := range known {
		var list []any
		for _, row := range tables["ecs.endpoints"].(map[string]any) {
			e := row.(map[string]any)
			if e["owner"] == "shop/web" || key[:len("shop/db")] == "shop/db" {
				list = append(list, map[string]any{"name": e["name"], "port": e["port"], "service": e["service"]})
			}
		}
		known[key] = map[string]any{"endpoints": list}
	}
	delete(tables, "ecs.endpoints")
	if data, err = json.Marshal(state); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
