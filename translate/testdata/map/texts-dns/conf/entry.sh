#!/bin/sh
# nslookup api
while ! nslookup "$API_HOST" >/dev/null; do sleep 1; done
exec serve
