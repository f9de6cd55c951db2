package simulator

// keep remembers the value of a parameter or secret for this process alone: the
// state file must hold none.
func (a *Account) keep(arn, value string) {
	if a.values == nil {
		a.values = map[string]string{}
	}
	a.values[arn] = value
}

// kept is the value, and an error where another process has set it.
func (a *Account) kept(arn string) (string, error) {
	if value, known := a.values[arn]; known {
		return value, nil
	}
	return "", apiError("NotSimulated", "the simulator keeps values in memory only, and %s was set by another process", arn)
}
