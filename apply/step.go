package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/compose2fargate/compose2fargate/plan"
)

// work is one step while it is carried out.
type work struct {
	*run
	step       plan.Step
	kind       Kind
	live, want *plan.Resource
	attrs      plan.Attrs // of the resource, once it is written
	wrote      bool       // something may have changed in the account
}

// carryOut carries out a step that has a slot, to the end of the deployment that
// it causes, and gives back the slot.
func (r *run) carryOut(ctx context.Context, step plan.Step) outcome {
	w := &work{run: r, step: step, kind: r.Account(step.Address.Kind)}
	err := w.write(ctx)
	r.slots.give()
	if err == nil {
		err = w.finish(ctx)
	}
	return outcome{over: true, wrote: w.wrote, err: err}
}

func (w *work) write(ctx context.Context) error {
	if err := w.freshness.check(ctx, w.step.Address); err != nil {
		return err
	}
	if err := w.sides(); err != nil {
		return err
	}
	call, release := toItsEnd(ctx)
	defer release()
	if halfway := w.halfway(); halfway != nil {
		now, err := halfway(call, w.live, w.want)
		w.wrote = err == nil || now != nil || cutShort(call)
		if err == nil {
			w.world.remember(w.step.Address, now)
		}
		return explain(call, err)
	}
	attrs, err := w.call(call)
	w.wrote = err == nil || attrs != nil || cutShort(call)
	if err != nil {
		return explain(call, err)
	}
	if w.want != nil {
		w.attrs = w.world.record(w.step.Verb, w.want, attrs)
	}
	return nil
}

// halfway is the call of a step that leaves behind something between what was live
// and what is wanted; nil where the step is none.
func (w *work) halfway() func(ctx context.Context, live, want *plan.Resource) (*plan.Resource, error) {
	switch w.step.Verb {
	case plan.ExtendVerb:
		return w.kind.(Extender).Extend
	case plan.StopVerb:
		return w.kind.(Stopper).Stop
	default:
		return nil
	}
}

// sides finds the live and the wanted resource of the step. A resource to
// delete is the one that was live when the run began: since then its address
// may have been given to another one.
func (w *work) sides() error {
	if w.step.Verb == plan.DeleteVerb {
		w.live = w.Live.Find(w.step.Address)
	} else {
		w.live = w.world.current(w.step.Address)
	}
	if w.live == nil && w.step.Verb != plan.CreateVerb && w.step.Verb != plan.ExtendVerb {
		return fmt.Errorf("%s %s: there is no live resource", w.step.Verb, w.step.Address)
	}
	if w.step.Verb == plan.DeleteVerb {
		return nil
	}
	var err error
	w.want, err = w.world.resolve(w.Want.Find(w.step.Address))
	return err
}

func (w *work) call(ctx context.Context) (plan.Attrs, error) {
	switch w.step.Verb {
	case plan.CreateVerb:
		return w.kind.Create(ctx, w.want)
	case plan.UpdateVerb:
		if w.step.Hold {
			if err := w.kind.(Holder).Hold(ctx, w.live); err != nil {
				return nil, err
			}
		}
		return w.kind.Update(ctx, w.live, w.want, w.step.Force)
	case plan.ReleaseVerb:
		return w.live.Attrs, w.kind.(Holder).Release(ctx, w.live)
	case plan.StartVerb:
		return w.kind.(Deployer).Start(ctx, w.live, w.want)
	case plan.RunVerb:
		return w.kind.(Runner).Run(ctx, w.live, w.want, false)
	case plan.DeleteVerb:
		return nil, w.kind.Delete(ctx, w.live)
	default:
		panic("apply: a step was not validated")
	}
}

// finish waits for what an update or a start has begun, and settles it.
func (w *work) finish(ctx context.Context) error {
	if w.step.Verb == plan.RunVerb {
		return w.finishRun(ctx, w.kind.(Runner))
	}
	deployer, ok := w.kind.(Deployer)
	if !ok || w.step.Verb != plan.UpdateVerb && w.step.Verb != plan.StartVerb && w.step.Verb != plan.ReleaseVerb {
		return nil
	}
	if w.waits() {
		if err := w.wait(ctx, deployer); err != nil {
			return w.letGo(ctx, err)
		}
	}
	if w.step.Hold {
		return nil // settled by the release
	}
	return w.inSlot(ctx, func(call context.Context) error { return deployer.Settle(call, w.attrs, w.want) })
}

// letGo releases the old tasks where the new ones failed. Where the run is
// interrupted they stay: visitors are not led to the new ones yet.
func (w *work) letGo(ctx context.Context, failure error) error {
	var interrupted *InterruptedError
	if !w.step.Hold || errors.As(failure, &interrupted) {
		return failure
	}
	return errors.Join(failure, w.inSlot(ctx, func(call context.Context) error {
		return w.kind.(Holder).Release(call, w.world.current(w.step.Address))
	}))
}

// inSlot makes calls that write, with a slot and to their end.
func (w *work) inSlot(ctx context.Context, calls func(call context.Context) error) error {
	w.slots.take()
	defer w.slots.give()
	call, release := toItsEnd(ctx)
	defer release()
	return explain(call, calls(call))
}

func (w *work) waits() bool {
	deploys := w.step.Verb == plan.StartVerb || w.attrs[deploymentAttr] != ""
	return deploys && !(w.options.NoWait && w.last[w.step.ID])
}
