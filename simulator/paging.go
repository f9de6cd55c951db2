package simulator

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// errToken is a page token that this simulator did not give out.
var errToken = errors.New("the page token is not valid")

// page cuts one page from items: size is what the caller asked for and usual is
// AWS's default. It returns the token of the next page, nil after the last.
func page[T any](a *Account, items []T, token *string, size *int32, usual int) ([]T, *string, error) {
	start, err := parseToken(token)
	if err != nil || start > len(items) {
		return nil, nil, errToken
	}
	n := usual
	if val(size) > 0 {
		n = int(*size)
	}
	if a.PageSize > 0 {
		n = min(n, a.PageSize)
	}
	end := min(start+n, len(items))
	if end == len(items) {
		return items[start:end], nil, nil
	}
	return items[start:end], ptr(pageToken(end)), nil
}

func pageToken(n int) string {
	return base64.StdEncoding.EncodeToString([]byte("simulator:" + strconv.Itoa(n)))
}

func parseToken(token *string) (int, error) {
	if str(token) == "" {
		return 0, nil
	}
	data, err := base64.StdEncoding.DecodeString(*token)
	if err != nil {
		return 0, err
	}
	n, ours := strings.CutPrefix(string(data), "simulator:")
	if !ours {
		return 0, errToken
	}
	return strconv.Atoi(n)
}
