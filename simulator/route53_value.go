package simulator

import (
	"fmt"
	"net/netip"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// valueProblem is what is wrong with the values of a record, by its type; empty when
// nothing is. Types that have no line here may hold anything (Route 53 Developer
// Guide, "Supported DNS record types").
func valueProblem(r types.ResourceRecordSet) string {
	if r.Type == types.RRTypeCname && len(r.ResourceRecords) > 1 {
		return fmt.Sprintf("RRSet of type CNAME with DNS name %s has more than one value", *r.Name)
	}
	for _, record := range r.ResourceRecords {
		value := str(record.Value)
		address, err := netip.ParseAddr(value)
		problem := ""
		switch {
		case r.Type == types.RRTypeA && (err != nil || !address.Is4()):
			problem = "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"
		case r.Type == types.RRTypeAaaa && (err != nil || !address.Is6()):
			problem = "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"
		case r.Type == types.RRTypeTxt && !quotedStrings.MatchString(value):
			problem = "InvalidCharacterString (Value should be enclosed in quotation marks)"
		case r.Type == types.RRTypeMx && !mailServer.MatchString(value):
			problem = "MXRRDATAIllegal (Value should be a priority and a domain name)"
		}
		if problem != "" {
			return fmt.Sprintf("Invalid Resource Record: 'FATAL problem: %s encountered with '%s''", problem, value)
		}
	}
	return ""
}

var (
	quotedStrings = regexp.MustCompile(`^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$`)
	mailServer    = regexp.MustCompile(`^\d{1,5} \S+$`)
)
