package simulator_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	discovery "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// named is a world in which the service db offers db:8080, and web.shop.internal
// as its DNS name, to a client that says what it is told to.
type named struct {
	*world
	registry string // id
}

func name(t *testing.T) named {
	t.Helper()
	w, _ := mesh(t, simulator.Options{})
	arn, id := w.registry(discovery.RecordTypeA)
	w.register(definition("db"))
	in := w.service("db")
	in.ServiceConnectConfiguration, in.ServiceRegistries = offered("db"), []types.ServiceRegistry{{RegistryArn: &arn}}
	must(w.ecs.CreateService(t.Context(), in))(t)
	w.settle("db")
	return named{w, id}
}

func (n named) again(t *testing.T) named {
	n.world = n.world.again(t)
	return n
}

// asking makes a client that says something in a variable.
func (n named) asking(variable types.KeyValuePair) named {
	n.t.Helper()
	client := definition("client")
	client.ContainerDefinitions[0].Environment = []types.KeyValuePair{variable}
	n.register(client)
	in := n.service("client")
	in.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{Enabled: true, Namespace: aws.String("shop")}
	must(n.ecs.CreateService(n.t.Context(), in))(n.t)
	n.settle("client")
	return n
}

// give changes how db has Service Connect.
func (n named) give(c *types.ServiceConnectConfiguration) error {
	n.update(&ecs.UpdateServiceInput{Service: aws.String("db"), ServiceConnectConfiguration: c})
	return nil
}

func (n named) delete() error {
	n.remove("db")
	return nil
}

func TestTheWitnessSeesNamesThatAreTaken(t *testing.T) {
	const gone, dns = "the name db:8080 of Service Connect", "the name web.shop.internal"
	other := connect("shop", "tcp-8080", "db", 8081)
	other.Services[0].DiscoveryName = aws.String("db-tcp-8080")
	begun := name(t)
	watch(t, begun.again(t).asking(keyValue("MODE", "db")), []taking[named]{
		{"given up", gone, func(n named) error { return n.give(&types.ServiceConnectConfiguration{Enabled: false}) }},
		{"given up for another port", gone, func(n named) error { return n.give(other) }},
		{"kept", "", func(n named) error { return n.give(offered("db")) }},
		{"of a service that is deleted, which nobody says", "", named.delete},
		{"given up, and the client deleted after it", "", func(n named) error {
			n.remove("client")
			return n.give(&types.ServiceConnectConfiguration{Enabled: false})
		}},
		{"deleted in Cloud Map", gone, func(n named) error {
			n.update(&ecs.UpdateServiceInput{Service: aws.String("db"), DesiredCount: aws.Int32(0)})
			n.Pass(time.Hour)
			for _, s := range must(n.cloudMap().ListServices(n.t.Context(), &servicediscovery.ListServicesInput{}))(n.t).Services {
				if *s.Name == "db-tcp-8080" {
					must(n.cloudMap().DeleteService(n.t.Context(), &servicediscovery.DeleteServiceInput{Id: s.Id}))(n.t)
				}
			}
			return nil
		}},
	})
	watch(t, begun.again(t).asking(keyValue("DATABASE", "db:8080")), []taking[named]{
		{"of a service that is deleted, which somebody says", gone, named.delete},
		{"in the course of a destroy", "", func(n named) error {
			defer n.remove("client")
			return n.delete()
		}},
	})
	watch(t, begun.again(t).asking(keyValue("X", "web.shop.internal")), []taking[named]{
		{"DNS name of a service that is deleted", dns, named.delete},
		{"registry given up", dns, func(n named) error {
			n.update(&ecs.UpdateServiceInput{Service: aws.String("db"), ServiceRegistries: []types.ServiceRegistry{}})
			return nil
		}},
		{"DNS name deleted in Cloud Map", dns, func(n named) error {
			n.update(&ecs.UpdateServiceInput{Service: aws.String("db"), DesiredCount: aws.Int32(0)})
			n.Pass(time.Hour)
			_, err := n.cloudMap().DeleteService(n.t.Context(), &servicediscovery.DeleteServiceInput{Id: &n.registry})
			return err
		}},
	})
}

func TestHostsInVariablesAndCommands(t *testing.T) {
	c := types.ContainerDefinition{EntryPoint: []string{"sh", "-c"}, Command: []string{"wait-for Cache:6379 && exec serve --to=//queue/x web"}}
	for name, value := range map[string]string{
		"MODE": "worker", "POSTGRES_DB": "shop", "DATABASE": "db:5432", "DSN": "postgres://user:secret@dsn/shop", "SITE": "https://site",
		"REDIS_HOST": "redis", "PEERS": "one:1,two:2", "HOSTS": "three,four", "ZONE": "web.shop.internal", "TIME": "a b",
	} {
		c.Environment = append(c.Environment, keyValue(name, value))
	}
	got := simulator.HostsIn(c)
	slices.Sort(got)
	want := []string{"cache", "db", "dsn", "four", "one", "queue", "redis", "site", "three", "two", "web.shop.internal"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
