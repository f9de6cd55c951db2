package simulator

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/compose2fargate/compose2fargate/internal/partition"
)

var (
	accountID = regexp.MustCompile(`^\d{12}$`)

	// regionName is the form that all regions have, so that those of tomorrow pass too.
	regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$`)
)

// check tells all that is wrong with options that fill has completed, and what to
// write instead.
func (o *Options) check() error {
	var problems []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	refuse(!accountID.MatchString(o.Account), "account %q: write 12 digits, like 123456789012", o.Account)
	refuse(!regionName.MatchString(o.Region), "region %q: write one like us-east-1", o.Region)
	refuse(o.Partition != partition.Of(o.Region), "partition %q: region %s is in %s; write that, or nothing", o.Partition, o.Region, partition.Of(o.Region))
	refuse(!(o.VCPUQuota > 0), "vCPU quota %v: write a number above zero, or 0 for AWS's default", o.VCPUQuota)
	for _, number := range []struct {
		name    string
		value   int
		nothing string
	}{
		{"page size", o.PageSize, "AWS's defaults"}, {"progress", o.Progress, "2"}, {"role delay", o.RoleDelay, "none"},
		{"mount delay", o.MountDelay, "none"}, {"policy delay", o.PolicyDelay, "none"}, {"tag delay", o.TagDelay, "none"},
	} {
		refuse(number.value < 0, "%s %d: write a number that is not below zero; 0 means %s", number.name, number.value, number.nothing)
	}
	if problem := errors.Join(problems...); problem != nil {
		return fmt.Errorf("simulator options: %w", problem)
	}
	return nil
}
