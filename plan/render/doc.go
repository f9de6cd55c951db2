// Package render writes a plan for people: as text for a terminal, as Markdown
// for a comment on a pull request. Both are made from one view of the plan, so
// that they tell the same story. It decides nothing, shows no secret, and lets
// nothing that comes from a compose file drive a terminal or be markup.
package render
