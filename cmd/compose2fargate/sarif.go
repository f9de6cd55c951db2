package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate"
)

// The part of SARIF 2.1.0 that a report needs:
// docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool                `json:"tool"`
		BaseIDs    map[string]sarifLocation `json:"originalUriBaseIds"`
		ColumnKind string                   `json:"columnKind"`
		Results    []sarifResult            `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string       `json:"id"`
		Short   sarifText    `json:"shortDescription"`
		Full    *sarifText   `json:"fullDescription,omitempty"`
		Help    *sarifText   `json:"help,omitempty"`
		Default sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifPlace      `json:"locations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifPlace struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifLocation `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifLocation struct {
		URI         string     `json:"uri,omitempty"`
		BaseID      string     `json:"uriBaseId,omitempty"`
		Description *sarifText `json:"description,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
)

const sourceRoot = "%SRCROOT%"

// sarif is the report as a SARIF log: each diagnostic is a result, under a rule
// named KEY/VERDICT, or KEY/SEVERITY where the key itself is mapped.
func (c *checked) sarif(version string) sarifLog {
	verdicts := map[string]translate.Entry{}
	for _, e := range c.Keys {
		if e.Verdict != translate.Mapped {
			verdicts[e.Path] = e
		}
	}
	rules := map[string]sarifRule{}
	results := make([]sarifResult, 0, len(c.Diagnostics))
	for _, d := range c.Diagnostics {
		rule := ruleOf(d, verdicts)
		rules[rule.ID] = rule
		results = append(results, sarifResultOf(d, rule.ID))
	}
	ids := slices.Sorted(maps.Keys(rules))
	sorted := make([]sarifRule, 0, len(ids))
	for _, id := range ids {
		sorted = append(sorted, rules[id])
	}
	for i, r := range results {
		results[i].RuleIndex, _ = slices.BinarySearch(ids, r.RuleID)
	}
	return sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool:       sarifTool{sarifDriver{Name: "compose2fargate", Version: version, Rules: sorted}},
			BaseIDs:    map[string]sarifLocation{sourceRoot: {Description: &sarifText{"the directory in which the check ran"}}},
			ColumnKind: "unicodeCodePoints",
			Results:    results,
		}},
	}
}

// ruleOf makes the rule of a diagnostic. It depends on the key table alone, so
// that a rule is the same in every run.
func ruleOf(d diag.Diagnostic, verdicts map[string]translate.Entry) sarifRule {
	if e, ok := verdicts[d.Path]; ok {
		rule := sarifRule{ID: e.Key + "/" + e.Verdict.String(), Default: sarifDefault{ruleLevel(e.Verdict)}}
		rule.Short.Text = e.Key + " is " + e.Verdict.String()
		rule.Full, rule.Help = ruleTexts(e.Key, e.Verdict)
		return rule
	}
	key := cmp.Or(translate.KeyPath(d.Path), "compose")
	return sarifRule{
		ID:      key + "/" + d.Severity.String(),
		Short:   sarifText{d.Severity.String() + " about " + key},
		Default: sarifDefault{d.Severity.String()},
	}
}

func ruleLevel(v translate.Verdict) string {
	if v == translate.Refused {
		return "error"
	}
	return "warning"
}

// ruleTexts are the reason and the help of the key table for a key with a
// verdict, for all its values; nil if the table has none.
func ruleTexts(key string, verdict translate.Verdict) (full, help *sarifText) {
	var reasons, helps []string
	for _, k := range translate.Keys() {
		if k.Path != key || k.Verdict != verdict {
			continue
		}
		prefix := ""
		if k.Value != "" {
			prefix = k.Value + ": "
		}
		reasons = append(reasons, prefix+k.Reason)
		if k.Help != "" {
			helps = append(helps, prefix+k.Help)
		}
	}
	return sarifLines(reasons), sarifLines(helps)
}

func sarifLines(lines []string) *sarifText {
	if len(lines) == 0 {
		return nil
	}
	return &sarifText{strings.Join(lines, "\n")}
}

func sarifResultOf(d diag.Diagnostic, rule string) sarifResult {
	text := d.Summary
	if d.Path != "" {
		text = d.Path + ": " + text
	}
	if d.Help != "" {
		text += "\nhelp: " + d.Help
	}
	r := sarifResult{RuleID: rule, Level: d.Severity.String(), Message: sarifText{text}}
	if d.Pos.File != "" {
		place := sarifPlace{Physical: sarifPhysical{Artifact: artifact(d.Pos.File)}}
		if d.Pos.Line > 0 {
			place.Physical.Region = &sarifRegion{d.Pos.Line, d.Pos.Column}
		}
		if d.Path != "" {
			place.Logical = []sarifLogical{{d.Path}}
		}
		r.Locations = []sarifPlace{place}
	}
	r.Fingerprints = map[string]string{"compose2fargate/v1": fingerprint(rule, d.Pos.File, d.Path, d.Summary)}
	return r
}

// artifact names a file by a URI, relative to the working directory unless it is
// named absolutely.
func artifact(file string) sarifLocation {
	if filepath.IsAbs(file) {
		return sarifLocation{URI: (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()}
	}
	return sarifLocation{URI: (&url.URL{Path: filepath.ToSlash(file)}).String(), BaseID: sourceRoot}
}

// fingerprint stays the same when lines move.
func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
