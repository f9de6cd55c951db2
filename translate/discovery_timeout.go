package translate

import "github.com/compose2fargate/compose2fargate/plan/spec"

// connectTimeout lets connections be: docker's network ends neither quiet ones nor slow
// requests, and Service Connect does after an hour, and with a protocol of requests after
// 15 seconds (TimeoutConfiguration, ecs v1.104.0: 0 disables it, and that of requests is
// refused for TCP; "Service Connect" in the ECS developer guide).
func (d *discovery) connectTimeout(k *task, e endpoint) *spec.ConnectTimeout {
	out := &spec.ConnectTimeout{}
	if e.appProtocol != "" {
		out.PerRequestTimeoutSeconds = new(int)
	}
	d.formerly(serviceAddress(k.name()), "serviceConnectConfiguration.services."+d.discoveryName(e)+".timeout", nil)
	return out
}
