#!/bin/sh
case "$1" in
beat) exec celery -A proj beat ;;
*) exec celery -A proj worker ;;
esac
