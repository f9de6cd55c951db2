package translate

import "fmt"

// proxyMemory, in MiB, is what AWS recommends for the Service Connect proxy in a
// task at least, beside 256 CPU units (ECS developer guide, Service Connect,
// "Service Connect considerations"). ECS wants the task's memory to be more than
// what its containers take at most.
const proxyMemory = 64

// proxy is the name under which its part in the size of a task is told.
const proxy = "service-connect-proxy"

// withProxy adds what the Service Connect proxy needs to what the containers of a
// task ask for: its memory always, its CPU where x-fargate says how much. A size
// that the files leave open has room for it.
func (t *translation) withProxy(k *task, n need) need {
	if !t.connected {
		return n
	}
	if n.memoryFrom == fromContainers {
		n.memory += proxyMemory
		n.proxied = true
	}
	if units := t.X.Service(k.name()).Discovery.ProxyCPU; units > 0 {
		if n.cpuFrom == fromNowhere {
			n.cpu = defaultSize.cpu * 1e6 / 1024
		}
		n.cpu += units * 1e6 / 1024
		n.cpuFrom, n.proxied = fromContainers, true
	}
	return n
}

// asker says who asks for a size.
func (n need) asker() string {
	if n.proxied {
		return "its containers and the Service Connect proxy ask"
	}
	return "its containers ask"
}

// ofProxied says for what a size is, where the proxy is in it.
func (n need) ofProxied(containers int) string {
	what := "1 container"
	if containers > 1 {
		what = fmt.Sprintf("%d containers", containers)
	}
	what = " by " + what + " and the Service Connect proxy"
	if n.assumes {
		what += fmt.Sprintf(", %s counted for each that gives no memory", memoryText(defaultShare))
	}
	return what
}

// proxySize is what the proxy counts for in the size of a task; not ok where that is
// nothing.
func (n need) proxySize(units int) (ContainerSize, bool) {
	c := ContainerSize{Name: proxy}
	if n.memoryFrom == fromContainers {
		c.Memory = memoryText(proxyMemory)
	}
	if units > 0 {
		c.CPU, c.From = cpuText(units*1e6/1024), []string{xKey + ".discovery.proxy_cpu"}
	}
	return c, n.proxied
}
