#!/bin/sh
# java -Xmx9g
exec java -Xmx3g -jar /a.jar
