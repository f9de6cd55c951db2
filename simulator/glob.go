package simulator

// glob matches AWS's wildcards: * is any text, ? any one character.
func glob(pattern, text string) bool { return globbed(pattern, text, func(byte) bool { return true }) }

// globIncludes tells whether a pattern matches all that another one matches, as
// far as that shows without a trial of texts: a star of the other one is within a
// star only.
func globIncludes(pattern, other string) bool {
	return globbed(pattern, other, func(b byte) bool { return b != '*' })
}

// globbed is glob with a say in what ? matches.
func globbed(pattern, text string, one func(byte) bool) bool {
	star, resume := -1, 0 // the last star and where it would match on from
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' && one(text[t]) || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			resume++
			p, t = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// globsMeet tells whether a text matches both patterns. meet[j] is whether one
// matches the rest of p, from where the loop is, and q[j:].
func globsMeet(p, q string) bool {
	var meet []bool
	for i := len(p); i >= 0; i-- {
		row := make([]bool, len(q)+1)
		for j := len(q); j >= 0; j-- {
			switch inP, inQ := i < len(p), j < len(q); {
			case !inP && !inQ:
				row[j] = true
			case inP && p[i] == '*', inQ && q[j] == '*': // a star is empty, or takes what the other pattern has there
				row[j] = inP && (p[i] == '*' || inQ) && meet[j] || inQ && (q[j] == '*' || inP) && row[j+1]
			case inP && inQ:
				row[j] = meet[j+1] && (p[i] == q[j] || p[i] == '?' || q[j] == '?')
			}
		}
		meet = row
	}
	return meet[0]
}
