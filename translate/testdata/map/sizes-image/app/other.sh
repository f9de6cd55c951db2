#!/bin/sh
exec java -Xmx8g -jar /b.jar
