// Package partition returns the AWS partition of a region without asking AWS.
package partition

import "strings"

// prefixes are the prefixes of the regions of a partition; all other regions
// are in the partition aws (partitions.json of the AWS SDKs).
var prefixes = []struct{ region, partition string }{
	{"cn-", "aws-cn"},
	{"us-gov-", "aws-us-gov"},
	{"us-iso-", "aws-iso"},
	{"us-isob-", "aws-iso-b"},
	{"eu-isoe-", "aws-iso-e"},
	{"us-isof-", "aws-iso-f"},
	{"eusc-", "aws-eusc"},
}

// Of returns the partition of a region, "" if the region is "".
func Of(region string) string {
	if region == "" {
		return ""
	}
	for _, p := range prefixes {
		if strings.HasPrefix(region, p.region) {
			return p.partition
		}
	}
	return "aws"
}
