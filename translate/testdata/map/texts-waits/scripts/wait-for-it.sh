#!/usr/bin/env bash
nc -z $WAITFORIT_HOST $WAITFORIT_PORT
(echo -n > /dev/tcp/$WAITFORIT_HOST/$WAITFORIT_PORT) >/dev/null 2>&1
