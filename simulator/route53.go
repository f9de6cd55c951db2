package simulator

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// route53State is everything of Route 53, which is one for all regions. Tags are
// in Account.Tags: only hosted zones have them.
type route53State struct {
	HostedZones Table[HostedZone]              `state:"route53.hosted-zones"` // by id without the front "/hostedzone/"
	Records     Table[types.ResourceRecordSet] `state:"route53.records"`      // by recordKey
	Changes     Table[Change]                  `state:"route53.changes"`      // by id without the front "/change/"
}

// Change is a batch of changes on its way to the DNS servers.
type Change struct {
	types.ChangeInfo
	Reads int // looks that moved it
	Due   Due
}

func route53Operations() []operation {
	return []operation{
		write(createHostedZone),
		write(deleteHostedZone),
		read(getHostedZone),
		read(listHostedZones),
		read(listHostedZonesByName),
		write(changeResourceRecordSets),
		read(listResourceRecordSets),
		read(getChange),
		write(changeTagsForZone),
		read(listTagsForZone),
		read(listTagsForZones),
	}
}

func route53Invalid(format string, args ...any) error {
	return &types.InvalidInput{Message: ptr(fmt.Sprintf(format, args...))}
}

// route53ID is an id without the type in front of it, which Route 53's answers
// have and its inputs may have.
func route53ID(id *string) string { return lastPart(str(id)) }

// route53Size is how many items a page of a list has: 100 unless less is asked
// for, or 300 for records.
func (a *Account) route53Size(asked *int32, most int) (int, error) {
	n := most
	if asked != nil {
		if *asked < 1 {
			return 0, route53Invalid("Invalid MaxItems: %d", *asked)
		}
		n = min(n, int(*asked))
	}
	if a.PageSize > 0 {
		n = min(n, a.PageSize)
	}
	return n, nil
}

// submitChange starts the way of a change to the DNS servers.
func (a *Account) submitChange(zone string) *types.ChangeInfo {
	id := "C" + strings.ToUpper(a.id("change", zone)[:20])
	row := a.Changes.Put(id, Change{ChangeInfo: types.ChangeInfo{
		Id: ptr("/change/" + id), Status: types.ChangeStatusPending, SubmittedAt: a.now(),
	}})
	return &row.ChangeInfo
}

// getChange is PENDING for as many looks as a deployment takes.
func getChange(a *Account, in *route53.GetChangeInput) (*route53.GetChangeOutput, error) {
	id := route53ID(in.Id)
	if a.Changes.Get(id) == nil {
		return nil, &types.NoSuchChange{Message: ptr("A change with id " + id + " does not exist")}
	}
	a.advanceChange(id)
	return &route53.GetChangeOutput{ChangeInfo: &a.Changes.Get(id).ChangeInfo}, nil
}

// advanceChange is a look at a change.
func (a *Account) advanceChange(id string) {
	if a.Changes.Get(id).Status != types.ChangeStatusPending {
		return
	}
	c := a.Changes.Edit(id)
	c.Reads++
	if c.Reads >= a.Progress {
		c.Status = types.ChangeStatusInsync
	}
}

func route53Tags(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

// zoneARN is the ARN of a hosted zone, which has neither region nor account.
func (a *Account) zoneARN(id string) string {
	return "arn:" + a.Partition + ":route53:::hostedzone/" + id
}

func (a *Account) taggableZone(kind types.TagResourceType, id *string) (string, error) {
	switch {
	case kind != types.TagResourceTypeHostedzone:
		return "", route53Invalid("The simulator knows the tags of hosted zones only, not of a %s", kind)
	case a.HostedZones.Get(route53ID(id)) == nil:
		return "", noSuchZone(route53ID(id))
	}
	return a.zoneARN(route53ID(id)), nil
}

func changeTagsForZone(
	a *Account, in *route53.ChangeTagsForResourceInput,
) (*route53.ChangeTagsForResourceOutput, error) {
	arn, err := a.taggableZone(in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags, twice := tagMap(in.AddTags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	if twice != "" {
		return nil, route53Invalid("Duplicate tag key %q", twice)
	}
	if problem := tagProblem(a.tagsOf(arn), tags); problem != "" {
		return nil, route53Invalid("%s", problem)
	}
	a.untag(arn, in.RemoveTagKeys)
	a.tag(arn, tags)
	return &route53.ChangeTagsForResourceOutput{}, nil
}

func listTagsForZone(
	a *Account, in *route53.ListTagsForResourceInput,
) (*route53.ListTagsForResourceOutput, error) {
	set, err := a.zoneTagSet(in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	return &route53.ListTagsForResourceOutput{ResourceTagSet: set}, nil
}

func listTagsForZones(
	a *Account, in *route53.ListTagsForResourcesInput,
) (*route53.ListTagsForResourcesOutput, error) {
	if n := len(in.ResourceIds); n < 1 || n > 10 {
		return nil, route53Invalid("The number of resource ids must be between 1 and 10, not %d", n)
	}
	out := &route53.ListTagsForResourcesOutput{}
	for _, id := range in.ResourceIds {
		set, err := a.zoneTagSet(in.ResourceType, &id)
		if err != nil {
			return nil, err
		}
		out.ResourceTagSets = append(out.ResourceTagSets, *set)
	}
	return out, nil
}

func (a *Account) zoneTagSet(kind types.TagResourceType, id *string) (*types.ResourceTagSet, error) {
	arn, err := a.taggableZone(kind, id)
	if err != nil {
		return nil, err
	}
	return &types.ResourceTagSet{
		ResourceId: ptr(route53ID(id)), ResourceType: kind, Tags: route53Tags(a.tagsOf(arn)),
	}, nil
}
