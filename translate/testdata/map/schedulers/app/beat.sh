#!/bin/bash
set -o errexit
exec celery -A config.celery_app beat -l INFO
