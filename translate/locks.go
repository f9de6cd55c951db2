package translate

// Locks says whether an image is that of a database, a queue or another program that
// keeps files in a directory of its container which only one of its processes at a time
// may use.
func Locks(image, directory string) bool { return isDatabasePlace(image, directory) }
