FROM alpine:3 AS final
EXPOSE 80
