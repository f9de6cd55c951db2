module.exports = { rewrites: () => [{ source: "/api/:p*", destination: "http://acme-api:4000/:p*" }] }
