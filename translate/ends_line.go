package translate

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"mvdan.cc/sh/v3/syntax"
)

// endingLine judges whether a line of a shell, or a whole script, comes to an end by itself.
// Only what is known to end counts: a program that nobody knows may serve for ever.
type endingLine struct {
	arguments []string // of the script, which $@ stands for; nil: not known
	program   func(words []string) bool
	functions map[string]*syntax.Stmt
	depth     int
}

// lineEnds judges a text in the syntax of bash, which that of sh is part of.
func lineEnds(text string, arguments []string, program func(words []string) bool) bool {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil || len(file.Stmts) == 0 {
		return false
	}
	e := &endingLine{arguments: arguments, program: program, functions: map[string]*syntax.Stmt{}}
	return e.all(file.Stmts)
}

// all holds where each statement ends, up to one that ends the line itself.
func (e *endingLine) all(statements []*syntax.Stmt) bool {
	for _, s := range statements {
		if !e.statement(s) {
			return false
		}
		if leaves(s) {
			return true
		}
	}
	return true
}

// leaves says whether nothing after a statement is run: it is exit, or exec of a program.
func leaves(s *syntax.Stmt) bool {
	call, ok := s.Cmd.(*syntax.CallExpr)
	return ok && !s.Background && len(call.Args) > 0 && (call.Args[0].Lit() == "exit" || call.Args[0].Lit() == "exec" && len(call.Args) > 1)
}

func (e *endingLine) statement(s *syntax.Stmt) bool {
	if s.Background || s.Coprocess { // it may outlive the line, and what waits for it waits for ever
		return false
	}
	switch c := s.Cmd.(type) {
	case nil, *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause, *syntax.DeclClause:
		return true
	case *syntax.FuncDecl:
		e.functions[c.Name.Value] = c.Body
		return true
	case *syntax.CallExpr:
		return e.call(c)
	case *syntax.BinaryCmd:
		return e.statement(c.X) && e.statement(c.Y)
	case *syntax.Block:
		return e.all(c.Stmts)
	case *syntax.Subshell:
		return e.all(c.Stmts)
	case *syntax.TimeClause:
		return c.Stmt == nil || e.statement(c.Stmt)
	case *syntax.IfClause:
		return e.branches(c)
	case *syntax.CaseClause:
		return !slices.ContainsFunc(c.Items, func(i *syntax.CaseItem) bool { return !e.all(i.Stmts) })
	case *syntax.ForClause:
		_, overWords := c.Loop.(*syntax.WordIter)
		loop, counts := c.Loop.(*syntax.CStyleLoop)
		return (overWords || counts && loop.Cond != nil) && e.all(c.Do)
	case *syntax.WhileClause:
		return e.loop(c)
	default:
		return false
	}
}

func (e *endingLine) branches(c *syntax.IfClause) bool {
	for ; c != nil; c = c.Else {
		if !e.all(c.Cond) || !e.all(c.Then) {
			return false
		}
	}
	return true
}

// loop ends where it waits for a success, or is left from inside. What goes on as long as
// something succeeds may go on for ever: while sleep 60; do …
func (e *endingLine) loop(c *syntax.WhileClause) bool {
	return e.all(c.Do) && (e.waits(c) || isLeft(c.Do))
}

// waits says whether a loop ends with the success of a program, or when what a test looks at
// has changed.
func (e *endingLine) waits(c *syntax.WhileClause) bool {
	if len(c.Cond) != 1 || !e.statement(c.Cond[0]) {
		return false
	}
	cond := c.Cond[0]
	if call, ok := cond.Cmd.(*syntax.CallExpr); ok && len(call.Args) > 0 {
		switch name := call.Args[0].Lit(); name {
		case "[", "test", "read":
			return name == "read" || looksAtChange(cond)
		case "true", "false", ":":
			return false
		}
		return c.Until != cond.Negated
	}
	return looksAtChange(cond)
}

// looksAtChange says whether a test looks at a variable or at what a command says.
func looksAtChange(cond *syntax.Stmt) bool {
	var b strings.Builder
	err := syntax.NewPrinter().Print(&b, cond)
	_, arithmetic := cond.Cmd.(*syntax.ArithmCmd)
	return err == nil && (strings.ContainsAny(b.String(), "$`") || arithmetic && strings.ContainsFunc(b.String(), unicode.IsLetter))
}

// isLeft says whether there is a way out of the body of a loop: that of one in it is none.
func isLeft(body []*syntax.Stmt) bool {
	left := false
	for _, s := range body {
		syntax.Walk(s, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.WhileClause, *syntax.ForClause, *syntax.FuncDecl, *syntax.Subshell, *syntax.CmdSubst:
				return false
			case *syntax.CallExpr:
				left = left || len(n.Args) > 0 && slices.Contains([]string{"break", "exit", "return"}, n.Args[0].Lit())
			}
			return true
		})
	}
	return left
}

func (e *endingLine) call(c *syntax.CallExpr) bool {
	if len(c.Args) == 0 {
		return true // an assignment
	}
	words := e.words(c.Args)
	if len(words) == 0 {
		return false
	}
	if body := e.functions[words[0]]; body != nil {
		return e.function(body)
	}
	if words[0] == "exec" {
		if words = words[1:]; len(words) == 0 {
			return len(c.Args) == 1 // redirections; else what the arguments name, of which there are none
		}
	}
	return e.program(words)
}

func (e *endingLine) function(body *syntax.Stmt) bool {
	if e.depth >= maxShellDepth {
		return false
	}
	e.depth++
	defer func() { e.depth-- }()
	return e.statement(body)
}

// words are those of a command; one that is not known here is "$".
func (e *endingLine) words(args []*syntax.Word) []string {
	var out []string
	for _, arg := range args {
		switch text, isAll := wordText(arg); {
		case isAll:
			out = append(out, e.arguments...)
		default:
			out = append(out, text)
		}
	}
	return out
}

// wordText is a word without its quotes, "$" for each part that only a shell knows. isAll: it
// is $@, all arguments of the script.
func wordText(word *syntax.Word) (text string, isAll bool) {
	var b strings.Builder
	var write func(parts []syntax.WordPart)
	write = func(parts []syntax.WordPart) {
		for _, part := range parts {
			switch p := part.(type) {
			case *syntax.Lit:
				b.WriteString(strings.ReplaceAll(p.Value, "\\\n", ""))
			case *syntax.SglQuoted:
				b.WriteString(p.Value)
			case *syntax.DblQuoted:
				write(p.Parts)
			case *syntax.ParamExp:
				isAll = isAll || p.Param != nil && (p.Param.Value == "@" || p.Param.Value == "*")
				b.WriteString("$")
			default:
				b.WriteString("$")
			}
		}
	}
	write(word.Parts)
	return b.String(), isAll && b.String() == "$"
}

// isShell says whether a word names a shell that takes -c.
func isShell(word string) bool {
	return slices.Contains([]string{"sh", "bash", "ash", "dash", "zsh", "ksh"}, path.Base(word))
}
