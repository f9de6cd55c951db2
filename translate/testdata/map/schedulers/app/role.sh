#!/bin/bash
if [ "$ROLE" = "worker" ]; then
  exec php artisan queue:work
elif [[ ${ROLE} == "cron" ]]; then
  exec php artisan schedule:work
else
  exec php-fpm
fi
