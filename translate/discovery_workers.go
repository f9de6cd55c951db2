package translate

import (
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// workerWords are words in names of services, and in their command lines, that tell of
// what does its work and takes no connection.
var workerWords = strings.Fields(`worker workers celery beat sidekiq resque dramatiq huey horizon cron crond supercronic scheduler consumer consumers
	migrate migrates migration migrations migrator init initialize setup seed seeder seeds bootstrap provision provisioner installer job jobs
	backup backups tools cli`)

// restingCommands are programs that a container is kept alive with, or that end at once.
var restingCommands = strings.Fields("sleep tail top true false echo ls cat ping")

// isCalledByNobody says whether a service evidently takes no connections from others.
func isCalledByNobody(s container) bool {
	names := wordsOf(s.Name)
	isWorker := func(word string) bool {
		return slices.Contains(workerWords, word) || strings.HasSuffix(word, "worker")
	}
	if slices.ContainsFunc(names, isWorker) {
		return true
	}
	words := strings.Fields(strings.Join(append(slices.Clone(s.Entrypoint), s.Command...), " "))
	for i, word := range words {
		base := strings.Trim(path.Base(word), `"';`)
		if i == 0 && slices.Contains(restingCommands, base) || slices.ContainsFunc(strings.FieldsFunc(base, isSeparator), isWorker) && !strings.Contains(word, "://") {
			return true
		}
	}
	return restsInShell(words)
}

// restsInShell says whether a shell does nothing but to wait: sh -c "sleep infinity".
func restsInShell(words []string) bool {
	return len(words) > 2 && words[1] == "-c" && slices.Contains(restingCommands, strings.Trim(words[2], `"'`))
}

func isSeparator(r rune) bool { return strings.ContainsRune("-_.:", r) }

// onlyFollows says whether a service waits for another one for the order alone: both are
// parts of one program.
func (p *Project) onlyFollows(s, on container) bool {
	build, _ := p.buildOf(s)
	other, _ := p.buildOf(on)
	if build != nil && other != nil {
		return build == other || build.Context == other.Context && dockerfileName(build) == dockerfileName(other) && build.Target == other.Target
	}
	return build == nil && other == nil && s.Image != "" && s.Image == on.Image
}

// dependants are the services in other tasks that start after one that goes on
// running, and may want something of it.
func (d *discovery) dependants(k *task, on container) []string {
	var out []string
	for _, other := range d.tasks {
		for _, m := range other.members {
			dependency, ok := m.DependsOn[on.Name]
			if ok && other != k && dependency.Condition != types.ServiceConditionCompletedSuccessfully && !d.onlyFollows(m, on) {
				out = append(out, m.Name)
			}
		}
	}
	slices.Sort(out)
	return out
}
