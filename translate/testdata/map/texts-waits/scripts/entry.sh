#!/bin/bash
# nc -z cache 6379
while ! nc -z "$SQL_HOST" "$SQL_PORT"; do
  sleep 0.1
done
until (echo > /dev/tcp/queue/5672) 2>/dev/null; do sleep 1; done
exec "$@"
