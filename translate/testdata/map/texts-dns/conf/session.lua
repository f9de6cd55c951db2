local red = require("resty.redis"):new()
red:connect("api", 3000)
