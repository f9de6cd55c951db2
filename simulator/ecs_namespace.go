package simulator

// Namespace is a Cloud Map namespace, as far as Service Connect needs one.
type Namespace struct {
	Arn  string
	Name string
	Type string // HTTP, DNS_PRIVATE or DNS_PUBLIC
}

// PutNamespace adds an HTTP namespace with this name.
func (a *Account) PutNamespace(name string) *Namespace {
	id := "ns-" + a.id("namespace", name)[:16]
	arn := a.arn("servicediscovery", "namespace/"+id)
	a.bear(arn, nil)
	return a.Namespaces.Put(arn, Namespace{Arn: arn, Name: name, Type: "HTTP"})
}

// namespace finds a namespace by name or ARN, nil when there is none.
func (a *Account) namespace(nameOrARN string) *Namespace {
	if ns := a.Namespaces.Get(nameOrARN); ns != nil {
		return ns
	}
	for _, ns := range a.Namespaces.All() {
		if ns.Name == nameOrARN {
			return ns
		}
	}
	return nil
}
