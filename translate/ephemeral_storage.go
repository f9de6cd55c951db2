package translate

import (
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// A task has 20 GiB of disk, and 200 at most (EphemeralStorage of the API
// reference).
const (
	freeStorage = 20
	maxStorage  = 200
)

// ephemeralStorage is the largest disk that a container of the task asks for;
// all of them share it.
func (t *storage) ephemeralStorage(k *task) spec.EphemeralStorage {
	largest := 0
	for _, m := range k.members {
		largest = max(largest, t.storage(m))
	}
	if largest <= freeStorage {
		largest = 0
	}
	return t.grownStorage(k, spec.EphemeralStorage{SizeInGiB: largest})
}

// storage is what a service asks for, in GiB rounded up.
func (t *storage) storage(s container) int {
	text := s.StorageOpt["size"]
	if text == "" {
		return 0 // the key table speaks of the others
	}
	for _, name := range sortedKeys(s.StorageOpt) {
		if name != "size" {
			t.warnf(s.at("storage_opt", name), "", "ignored: Fargate supports only the size of the disk")
		}
	}
	path := s.at("storage_opt", "size")
	var bytes types.UnitBytes
	if err := bytes.DecodeMapstructure(text); err != nil || bytes < 0 {
		t.errorf(path, "write size: 30G", "%q is not a size", text)
		return 0
	}
	size := (ceilMiB(bytes) + 1023) / 1024
	if size > maxStorage {
		t.errorf(path, "request less, or keep the data in a storage service, for example Amazon S3", "%d GiB of disk: a Fargate task has at most %d GiB", size, maxStorage)
		return 0
	}
	return size
}
