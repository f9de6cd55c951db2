package simulator

import (
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
)

// DiscoveryOperation is work of Cloud Map that goes on after its call was
// answered. What it makes or removes is there when it has succeeded, not before.
type DiscoveryOperation struct {
	types.Operation
	Target  types.OperationTargetType
	Subject string // id of the target
	Request string // the CreatorRequestId or UpdaterRequestId
	Reads   int    // looks that moved it
	Due     Due
}

func (o *DiscoveryOperation) finished() bool {
	return o.Status == types.OperationStatusSuccess || o.Status == types.OperationStatusFail
}

// submit starts an operation on a namespace or service and returns its id.
func (a *Account) submit(kind types.OperationType, target types.OperationTargetType, subject, request string) *string {
	id := a.id("operation", subject)[:32]
	a.DiscoveryOperations.Put(id, DiscoveryOperation{Target: target, Subject: subject, Request: request, Operation: types.Operation{
		Id: &id, Type: kind, Status: types.OperationStatusSubmitted, OwnerAccount: &a.Account,
		CreateDate: a.now(), UpdateDate: a.now(),
	}})
	return &id
}

// underWay is the unfinished operation of that kind on that subject, nil when
// there is none.
func (a *Account) underWay(kind types.OperationType, subject string) *DiscoveryOperation {
	for _, o := range a.operations.Of("subject " + subject) {
		if o.Type == kind {
			return o
		}
	}
	return nil
}

// advanceOperation moves an operation on by one look: SUBMITTED at the first,
// PENDING until the account's progress is reached, then done.
func (a *Account) advanceOperation(id string) {
	if a.DiscoveryOperations.Get(id).finished() {
		return
	}
	o := a.DiscoveryOperations.Edit(id)
	o.Reads++
	switch {
	case o.Reads == 1:
		return
	case o.Reads <= a.Progress:
		o.Status = types.OperationStatusPending
	default:
		o.Status = types.OperationStatusSuccess
		o.Targets = map[string]string{string(o.Target): o.Subject}
		a.perfect(o)
	}
	o.UpdateDate = a.now()
}

// advanceOperations is a look at all of them: somebody who forgot the id of an
// operation finds it done in the end too.
func (a *Account) advanceOperations() {
	for _, id := range a.operations.Keys("under way") {
		a.advanceOperation(id)
	}
}

// perfect lets the effect of a finished operation be.
func (a *Account) perfect(o *DiscoveryOperation) {
	switch o.Type {
	case types.OperationTypeCreateNamespace:
		a.openNamespace(o)
	case types.OperationTypeDeleteNamespace:
		a.dropNamespace(o.Subject)
	}
}

func (o *DiscoveryOperation) fail(code, message string) {
	o.Status, o.ErrorCode, o.ErrorMessage, o.Targets = types.OperationStatusFail, &code, &message, nil
}

func getDiscoveryOperation(
	a *Account, in *servicediscovery.GetOperationInput,
) (*servicediscovery.GetOperationOutput, error) {
	id := str(in.OperationId)
	if a.DiscoveryOperations.Get(id) == nil {
		return nil, &types.OperationNotFound{Message: ptr("Operation " + id + " not found")}
	}
	a.advanceOperation(id)
	return &servicediscovery.GetOperationOutput{Operation: &a.DiscoveryOperations.Get(id).Operation}, nil
}
