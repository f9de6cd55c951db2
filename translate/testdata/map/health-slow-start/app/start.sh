#!/bin/sh
if [ "$1" = web ]; then
  python manage.py migrate
fi
exec gunicorn proj.wsgi
