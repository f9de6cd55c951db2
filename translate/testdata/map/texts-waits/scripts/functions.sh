#!/bin/bash
wait_for() {
  local host=$1 port=$2
  until nc -zv "$host" "$port"; do sleep 1; done
}
wait_for "$SQL_HOST" "${SQL_PORT:-5432}"
wait_for_port my 3306
exec "$@"
