#!/bin/sh
# psql -h keeper
echo "the search begins"
curl -fsS http://api:3000/ || exit 1
redis-cli -h "$CACHE_HOST" -p "$CACHE_PORT" ping
nats --server "nats://${BUS:-keeper:4222}"
