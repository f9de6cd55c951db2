package translate

import (
	"regexp"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// ecrImage matches images in private registries: account, region, repository.
var ecrImage = regexp.MustCompile(`^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)/([^:@]+)`)

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
func (t *images) repositoryOrigins(name string) []plan.Origin {
	if !t.HasService(name) {
		return from(diag.Path{"services"})
	}
	return servicePart(name, "build", "image")
}
