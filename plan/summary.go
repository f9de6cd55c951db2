package plan

// summarize counts what a plan does; planned has the resources that stay as they
// are, too.
func summarize(planned map[Address]*ResourcePlan, guards []Guard) Summary {
	s := Summary{Blocked: len(guards)}
	for _, p := range planned {
		s.count(p)
	}
	return s
}

func (s *Summary) count(p *ResourcePlan) {
	switch {
	case len(p.Actions) == 0:
		s.Same++
	case p.Has(Create) && p.Has(Delete):
		s.Replace++
	case p.Has(Create):
		s.Create++
	case p.Has(Revise):
		s.Revise++
	case p.Has(Delete) && p.Cause == Outlived:
		s.Outlived++
	case p.Has(Delete):
		s.Delete++
	case p.Has(Keep):
		s.Keep++
	case p.Has(Adopt):
		s.Adopt++
	case p.Has(Resume):
		s.Resume++
	case len(p.Actions) == 1 && p.Has(RunOnce):
	default:
		s.Update++
	}
	if p.Run != "" {
		s.Runs++
	}
	for _, change := range p.Changes {
		if change.Cause == Drift {
			s.Drift++
			break
		}
	}
	if p.Effects.Restarts > 0 {
		s.Services++
	}
	s.Restarts += p.Effects.Restarts
	s.Starts += p.Effects.Starts
	s.Stops += p.Effects.Stops
}
