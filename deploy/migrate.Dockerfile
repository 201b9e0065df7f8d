# What a job before a deploy runs: docker build -f deploy/migrate.Dockerfile -t registry.example.org/shop-migrate:1 .
FROM godwit:0.1
COPY godwit.yaml ./
COPY migrations migrations
CMD ["godwit", "up"]
