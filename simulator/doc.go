// Package simulator is a strict AWS control plane inside the process.
//
// It is middleware for aws-sdk-go-v2: every client made from [Simulator.Config]
// is answered from a small model of one account in one region, with the typed
// outputs and errors of the real service. Validation, signing, retries and
// paging above it are the SDK's own. The package opens no connection, reads no
// credentials and knows nothing about compose files, plans or this tool's names.
//
// # What it knows
//
// [Operations] lists the operations: ECS with services, deployments, tasks and
// ECS Exec, and the services around it: ECR, EC2 networks and security groups,
// Elastic Load Balancing, EFS, Cloud Map, Route 53, ACM, IAM roles, CloudWatch
// Logs and alarms, Secrets Manager, Parameter Store, Application Auto Scaling,
// EventBridge Scheduler, Service Quotas and the tagging API. Any other operation
// is an error that names it.
//
// It is strict where users get hurt: it refuses what Fargate refuses, fills in
// the defaults that AWS fills in, and returns lists in another order than they
// were sent. A task starts only where it could on AWS: its roles, secrets, log
// groups, images, routes, security groups, file systems and zones are looked at.
//
// # Time
//
// Time is logical: each call takes a second, and [Simulator.Pass]
// lets more go by. What AWS makes, deletes, drains or spreads moves on with each look
// at it and, in its time, without any; how long its steps take here is an order of
// magnitude. What AWS does by itself happens when it is due: scheduled actions change
// the bounds and the count of a service, schedules run their task by their role,
// scaling policies follow their alarms with their cooldowns, and alarms go by the
// metrics of a script. SetAlarmState lets an alarm act too; a policy needs the value
// in StateReasonData, as on AWS. What spreads slowly is an option: RoleDelay,
// MountDelay, PolicyDelay and TagDelay, all off by default.
//
// What is gone is forgotten: a stopped task after an hour, its log lines with the
// retention of their group; an INACTIVE service or cluster, an operation of Cloud Map
// and a change of Route 53 after a day, which AWS does not document; a deployment after
// 90 days, a scaling activity after six weeks. INACTIVE task definitions stay until
// somebody deletes them. The recovery window of a secret, the protection of a task, the
// tokens of RunTask and of ACM and the wait for the validation of a certificate end.
//
// # The witness
//
// AWS lets much happen that hurts. [Simulator.Witness] tells which calls took from
// a running task something that it uses, or made a thing twice. A task whose mount
// target went runs on and does not hear SIGTERM.
//
// # Who calls
//
// [Options].Caller gives the caller a name and IAM policies. A call outside them is
// refused with AWS's words. Actions and resources may have wildcards; a deny beats
// an allow; conditions may be on tags of the request and of the resource, on the
// cluster, the region, the principal, the boundary of a role, the names of records and
// the service to which a role is passed, by the operators String…, Arn…, Bool and Null
// with their prefixes and suffixes. Objects that are made with tags need the tagging
// action too, roles that are handed on need iam:PassRole, and what a service does with
// the rights of its caller is asked for as well: network interfaces for EFS, hosted zones
// for Cloud Map, service-linked roles. [Simulator.As] has somebody else call, and
// [Simulator.Grants] tells which statements allowed what. What a boundary takes away,
// session policies and policies of resources other than file systems are not looked at.
//
// # How containers fare
//
// Containers run well unless something says otherwise. Parts of the reference of
// an image do: "never-healthy" fails at its start, always, as [Simulator.Unhealthy]
// lets any image do; "exits-N" ends a task of RunTask with the code N; "slow-N"
// takes N seconds until its health check passes. A [Script] does so in detail:
//
//	containers:                       # the first line that fits a container decides
//	  - service: migrate              # a service; of RunTask, the family. * and ? are wildcards
//	    exit: 3                       # ends with this code…
//	    after: 1                      # …after so many looks; without it, at its start
//	    times: 2                      # so fare the first two tasks, the others well
//	    log: ["applying 17", "relation users exists already"]
//	  - service: db
//	    seeds: 2m                     # the first start on an empty EFS volume takes two minutes
//	  - container: "api*"
//	    takes: 90s                    # until its health check passes, or until it ends
//	  - image: "*:nightly"
//	    starts: 5                     # looks more than others until it runs
//	metrics:                          # what alarms and scaling policies go by; else they have no data
//	  - service: web
//	    metric: CPUUtilization        # its name in CloudWatch
//	    load: 200                     # what one task alone would show; "value: 80" is fixed
//	    after: 10m                    # since the service was made
//	    for: 1h
//
// ECS replaces a task whose health check does not pass in time: a container has its
// start period and then as many intervals as retries, and no less than the grace
// period of its service. A first start that is killed so leaves the volume half
// made, and later starts on it exit with 1. Each container of a task that ends has
// the exit code of its own end: those that are stopped 143, those that waited for the
// failed one none. The circuit breaker counts failed tasks as ECS does, and tasks that
// never come to run are tried more and more seldom. Dependencies on SUCCESS, COMPLETE and
// HEALTHY give up after startTimeout, or three minutes. Containers that others wait
// for to end, end with 0; a task of RunTask ends after a look or two, with 0.
// [Simulator.Unused] tells which lines of the script did nothing.
//
// # What not to trust
//
// "AWS does" in this package means documented behaviour or a well-known message; no
// live account was available to check against. Nothing runs: no container, no
// query, no health check over a network, and nothing is measured but what a script
// says. Values of parameters and secrets are kept in memory only, and another process
// that shares the state file cannot read them. Scheduler does not try again what
// failed, certificates neither expire nor are renewed, lifecycle policies of ECR act
// when [Account.Expire] is called only, metric math and anomaly detection are not
// evaluated, alarms that do something else than scale do nothing.
package simulator
