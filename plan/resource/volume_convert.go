package resource

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func volumeSpec(v types.Volume) spec.Volume {
	return spec.Volume{Name: text(v.Name), EfsVolumeConfiguration: efsVolumeSpec(v.EfsVolumeConfiguration)}
}

func volume(v spec.Volume) types.Volume {
	return types.Volume{Name: &v.Name, EfsVolumeConfiguration: efsVolume(v.EfsVolumeConfiguration)}
}

func efsVolumeSpec(e *types.EFSVolumeConfiguration) *spec.EfsVolume {
	if e == nil {
		return nil
	}
	out := &spec.EfsVolume{
		FileSystemID: plan.Literal(text(e.FileSystemId)), RootDirectory: text(e.RootDirectory),
		TransitEncryption: string(e.TransitEncryption),
	}
	if a := e.AuthorizationConfig; a != nil {
		out.AuthorizationConfig = &spec.EfsAuthorization{AccessPointID: plan.Literal(text(a.AccessPointId)), Iam: string(a.Iam)}
	}
	return out
}

func efsVolume(e *spec.EfsVolume) *types.EFSVolumeConfiguration {
	if e == nil {
		return nil
	}
	out := &types.EFSVolumeConfiguration{
		FileSystemId: pointer(e.FileSystemID.Text), RootDirectory: optional(e.RootDirectory),
		TransitEncryption: types.EFSTransitEncryption(e.TransitEncryption),
	}
	if a := e.AuthorizationConfig; a != nil {
		out.AuthorizationConfig = &types.EFSAuthorizationConfig{
			AccessPointId: optional(a.AccessPointID.Text), Iam: types.EFSAuthorizationConfigIAM(a.Iam),
		}
	}
	return out
}
