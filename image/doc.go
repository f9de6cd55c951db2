// Package image deals with container images: what their registries say of them,
// layers of files on top of them, hashes of the contexts that they are built
// from, building and pushing. It needs no Docker daemon but for building.
package image
