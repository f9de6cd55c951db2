package simulator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// settingDefaults are the account settings of a fresh account (ECS Developer
// Guide, "Access Amazon ECS features with account settings").
var settingDefaults = map[types.SettingName]string{
	types.SettingNameAwsvpcTrunking:                  "disabled",
	types.SettingNameContainerInsights:               "disabled",
	types.SettingNameContainerInstanceLongArnFormat:  "enabled",
	types.SettingNameDefaultLogDriverMode:            "non-blocking",
	types.SettingNameFargateFipsMode:                 "disabled",
	types.SettingNameFargateTaskRetirementWaitPeriod: "7",
	types.SettingNameServiceLongArnFormat:            "enabled",
	types.SettingNameTagResourceAuthorization:        "on",
	types.SettingNameTaskLongArnFormat:               "enabled",
}

// setting is the effective value of an account setting.
func (a *Account) setting(name types.SettingName) string {
	if s := a.Settings.Get(string(name)); s != nil {
		return *s
	}
	return settingDefaults[name]
}

func listAccountSettings(a *Account, in *ecs.ListAccountSettingsInput) (*ecs.ListAccountSettingsOutput, error) {
	var all []types.Setting
	for name := range settingDefaults {
		set := a.Settings.Get(string(name)) != nil
		if (in.Name == "" || in.Name == name) && (set || in.EffectiveSettings) {
			all = append(all, types.Setting{
				Name: name, Value: ptr(a.setting(name)), PrincipalArn: ptr(a.callerARN()), Type: types.SettingTypeUser,
			})
		}
	}
	settings, next, err := ecsPage(a, all, func(s types.Setting) string { return string(s.Name) }, in.NextToken, &in.MaxResults, 10)
	return &ecs.ListAccountSettingsOutput{Settings: settings, NextToken: next}, err
}

func putAccountSetting(a *Account, in *ecs.PutAccountSettingInput) (*ecs.PutAccountSettingOutput, error) {
	if _, known := settingDefaults[in.Name]; !known {
		return nil, invalidParameter("unknown should be one of the known account settings: %s", in.Name)
	}
	a.Settings.Put(string(in.Name), str(in.Value))
	return &ecs.PutAccountSettingOutput{Setting: &types.Setting{
		Name: in.Name, Value: in.Value, PrincipalArn: ptr(a.callerARN()), Type: types.SettingTypeUser,
	}}, nil
}
