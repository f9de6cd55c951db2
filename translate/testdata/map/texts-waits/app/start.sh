#!/bin/sh
wait-for-it.sh cache:6379 -t 10
exec "$@"
