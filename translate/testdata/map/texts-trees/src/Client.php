<?php
// a comment: http://my-mailer:1
$cache = new Cache("cache:6390");
$queue = getenv("QUEUE_URL") ?: "amqp://my-queue:5673";
$text = "solr cache mailer queue:x";
