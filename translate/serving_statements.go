package translate

import "strings"

// statement is a directive of a configuration, with what is in its block.
type statement struct {
	words        []string
	line, column int // counted from 0
	isBlock      bool
	block        []statement
}

// name is the first word; "" of a block without one.
func (s statement) name() string {
	if len(s.words) == 0 {
		return ""
	}
	return s.words[0]
}

// statementsOf takes a configuration apart. In one of nginx a semicolon ends a statement;
// byLine, as in one of Caddy, the end of the line does, and a brace counts where it stands
// alone.
func statementsOf(lines []string, byLine bool) []statement {
	tokens := tokensOf(lines, byLine)
	var out []statement
	for i := 0; i < len(tokens); i++ { // a brace too many is skipped
		var more []statement
		more, i = parseStatements(tokens, i)
		out = append(out, more...)
	}
	return out
}

type token struct {
	text         string
	mark         bool // ; { or }
	line, column int
}

// parseStatements reads up to the end of a block, and returns where that is.
func parseStatements(tokens []token, i int) (out []statement, end int) {
	var current statement
	begin := func(t token) {
		if len(current.words) == 0 {
			current.line, current.column = t.line, t.column
		}
	}
	finish := func() {
		if len(current.words) > 0 || current.isBlock {
			out = append(out, current)
		}
		current = statement{}
	}
	for ; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case !t.mark:
			begin(t)
			current.words = append(current.words, t.text)
		case t.text == ";":
			finish()
		case t.text == "{":
			begin(t)
			current.isBlock = true
			current.block, i = parseStatements(tokens, i+1)
			finish()
		default:
			finish()
			return out, i
		}
	}
	finish()
	return out, i
}

func tokensOf(lines []string, byLine bool) []token {
	var out []token
	for number, line := range lines {
		for i := 0; i < len(line) && line[i] != '#'; {
			switch c := line[i]; {
			case strings.IndexByte(" \t\r", c) >= 0:
				i++
			case !byLine && strings.IndexByte(";{}", c) >= 0:
				out = append(out, token{string(c), true, number, i})
				i++
			default:
				text, length := wordAt(line[i:], byLine)
				out = append(out, token{text, byLine && (text == "{" || text == "}"), number, i})
				i += length
			}
		}
		if n := len(out); byLine && n > 0 && !strings.HasSuffix(out[n-1].text, ",") {
			out = append(out, token{";", true, number, len(line)})
		}
	}
	return out
}

// wordAt is the word at the beginning of a text, and how long it is there. Braces of
// variables are part of it.
func wordAt(text string, byLine bool) (word string, length int) {
	if quote := text[0]; quote == '"' || quote == '`' && byLine || quote == '\'' && !byLine {
		if end := strings.IndexByte(text[1:], quote); end >= 0 {
			return text[1 : end+1], end + 2
		}
		return text[1:], len(text)
	}
	variable := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case strings.IndexByte(" \t\r", c) >= 0:
			return text[:i], i
		case byLine:
		case c == '{' && i > 0 && text[i-1] == '$':
			variable = true
		case c == '}' && variable:
			variable = false
		case strings.IndexByte(";{}", c) >= 0:
			return text[:i], i
		}
	}
	return text, len(text)
}
