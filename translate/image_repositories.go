package translate

import (
	"regexp"

	"github.com/compose2fargate/compose2fargate/plan"
)

// ecrImage matches images in private registries: account, region, repository.
var ecrImage = regexp.MustCompile(`^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)/([^:@]+)`)

// repositories are the ARNs of the ECR repositories that the images of tasks are
// in: our own, and those that the files name.
func (t *delivery) repositories(tasks []*task) []plan.Value {
	found := map[string]plan.Value{}
	for _, k := range tasks {
		for _, s := range k.containers() {
			for _, arn := range t.repositoriesOf(s) {
				found[arn.String()] = arn
			}
		}
		if t.delivers(k) && t.mirrors() {
			arn := t.repositoryArn(helperRepository)
			found[arn.String()] = arn
		}
	}
	var out []plan.Value
	for _, arn := range sortedKeys(found) {
		out = append(out, found[arn])
	}
	return out
}

func (t *images) repositoriesOf(s container) []plan.Value {
	if t.isMade(s) {
		return []plan.Value{t.repositoryArn(s.Name)}
	}
	if found := ecrImage.FindStringSubmatch(s.Image); found != nil {
		return []plan.Value{plan.Literal("arn:" + t.partition() + ":ecr:" + found[2] + ":" + found[1] + ":repository/" + found[3])}
	}
	return nil
}

// repositoryOrigins are those of the repository of a service, or of a helper.
func (p *Project) repositoryOrigins(name string) []plan.Origin {
	if !p.HasService(name) {
		return from([]string{"services"})
	}
	return servicePart(name, "build", "image")
}
