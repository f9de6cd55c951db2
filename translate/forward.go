package translate

import (
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

func absolute(dir, name string) string                   { return compose.Absolute(dir, name) }
func didYouMean(name string, candidates []string) string { return compose.DidYouMean(name, candidates) }
func distance(a, b string) int                           { return compose.Distance(a, b) }
func dotted(path []string) string                        { return compose.Dotted(path) }
func quoted(names []string) string                       { return compose.Quoted(names) }
func setHelp(variable string) string                     { return compose.SetHelp(variable) }
