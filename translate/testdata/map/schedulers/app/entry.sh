#!/bin/sh
set -e
if [ -n "$DATABASE_URL" ]; then
  echo "migrating"
fi
case "$1" in
  worker) exec celery -A proj worker ;;
  beat|scheduler)
    shift
    exec celery -A proj beat
    ;;
  *) exec gunicorn proj.wsgi ;;
esac
