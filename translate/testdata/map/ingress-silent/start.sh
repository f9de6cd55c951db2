#!/bin/sh
envsubst < /etc/nginx/conf.d/default.conf.template > /etc/nginx/conf.d/default.conf
