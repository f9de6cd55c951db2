<?php
define('DB_PASSWORD', 'Cnry48-k4Tz9qLw');
