#!/bin/sh
export API_TOKEN=Cnry57-k4Tz9qLw
exec serve
