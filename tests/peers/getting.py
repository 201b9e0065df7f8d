"""The other tools themselves, from the registries that they are published in, kept in the cache.

    python3 tests/peers/getting.py [NAME…]   gets them, and says of each where it is, or why it cannot be had

A tool that its registry does not give, or whose client is not on this machine, is a PeerError that names it; nothing is left out silently.
"""
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
if str(HERE.parent / "e2e") not in sys.path:
    sys.path.insert(0, str(HERE.parent / "e2e"))
import servers  # noqa: E402

GET_SECONDS = 1800
NPM = {
    "dbmate": ["dbmate@2.36.0"],
    "drizzle-0": ["drizzle-kit@0.31.11", "drizzle-orm@0.45.4", "pg@8", "mysql2@3", "@libsql/client@0.15"],
    "drizzle-1": ["drizzle-kit@1.0.0-rc.5", "drizzle-orm@1.0.0-rc.5", "pg@8", "mysql2@3", "@libsql/client@0.15"],
    "graphile-migrate": ["graphile-migrate@1.4.1"],
    "node-pg-migrate": ["node-pg-migrate@8", "pg@8"],
    # The last one whose schema engine is in the package itself.
    "prisma": ["prisma@6.19.3", "@prisma/adapter-libsql@6.19.3"],
}
GO = {
    "goose": ("no_clickhouse no_libsql no_mssql no_vertica no_ydb no_starrocks no_spanner no_duckdb", "github.com/pressly/goose/v3/cmd/goose@v3.30.0"),
    "golang-migrate": ("postgres mysql sqlite", "github.com/golang-migrate/migrate/v4/cmd/migrate@v4.20.1"),
    "tern": ("", "github.com/jackc/tern/v2@v2.3.4"),
}
# Programs of ours around a tool's own library: the modules that they are built with.
BUILT = {
    "atlas": ["ariga.io/atlas@v0.32.1-0.20250325101103-175b25e1c1b9", "github.com/lib/pq@v1.12.3", "github.com/go-sql-driver/mysql@v1.10.1",
              "modernc.org/sqlite@v1.62.0"],
}
CARGO = {
    "diesel": ("diesel_cli@2.3.14", "sqlite,postgres"),
    "sqlx": ("sqlx-cli@0.8.6", "sqlite,postgres,mysql"),
}
DRIVERS = ["org.postgresql:postgresql:42.7.7", "org.mariadb.jdbc:mariadb-java-client:3.5.4", "org.xerial:sqlite-jdbc:3.50.3.0",
           "org.slf4j:slf4j-nop:2.0.17"]
MAVEN = {
    "flyway": ["org.flywaydb:flyway-core:13.12.0", "org.flywaydb:flyway-database-postgresql:13.12.0", "org.flywaydb:flyway-mysql:13.12.0", *DRIVERS],
    "liquibase": ["org.liquibase:liquibase-core:4.33.0", "info.picocli:picocli:4.7.7", *DRIVERS],
}


class PeerError(Exception):
    """A tool that cannot be had here, and why."""


def ask(name, client, command, **how):
    """A registry's client, run to its end."""
    if not shutil.which(client):
        raise PeerError(f"{name} cannot be had: there is no {client} on this machine")
    done = subprocess.run([client, *map(str, command)], capture_output=True, text=True, timeout=GET_SECONDS, check=False, **how)
    if done.returncode:
        raise PeerError(f"{name} cannot be had: {client} ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-600:]}")


def from_npm(name, folder):
    ask(name, "npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, *NPM[name]])


def from_go(name, folder):
    tags, module = GO[name]
    ask(name, "go", ["install", "-tags", tags, module], env=os.environ | {"GOBIN": str(folder)})


def built(name, folder):
    shutil.copy(HERE / f"go/{name}.go", folder / "main.go")
    for command in (["mod", "init", "peers"], ["get", *BUILT[name]], ["mod", "tidy"], ["build", "-o", name, "."]):
        ask(name, "go", command, cwd=folder)


def from_cargo(name, folder):
    package, features = CARGO[name]
    ask(name, "cargo", ["install", "--quiet", "--locked", "--root", folder, "--no-default-features", "--features", features, package])


POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>peers</groupId><artifactId>{name}</artifactId><version>1</version><dependencies>
{all}
</dependencies></project>
"""


def from_maven(name, folder):
    every = [one.split(":") for one in MAVEN[name]]
    (folder / "pom.xml").write_text(POM.format(name=name, all="\n".join(
        f"<dependency><groupId>{g}</groupId><artifactId>{a}</artifactId><version>{v}</version></dependency>" for g, a, v in every)))
    ask(name, "mvn", ["-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}/lib"], cwd=folder)


WAYS = [(NPM, from_npm), (GO, from_go), (BUILT, built), (CARGO, from_cargo), (MAVEN, from_maven)]
NAMES = sorted(name for table, _ in WAYS for name in table)


def get(name):
    """The folder of a tool, which is fetched when it is not there yet, or is not the one that the tables above name."""
    table, way = next((table, way) for table, way in WAYS if name in table)
    folder, wanted = servers.cache_folder() / "peers" / name, json.dumps(table[name])
    if table is BUILT:
        wanted += hashlib.sha256((HERE / f"go/{name}.go").read_bytes()).hexdigest()
    mark = folder / "godwit-complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once get it once
        if not mark.exists() or mark.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            way(name, folder)
            mark.write_text(wanted)
    return folder


def main(names):
    failed = []
    for name in names or NAMES:
        try:
            print(f"{name}: {get(name)}", flush=True)
        except (PeerError, subprocess.SubprocessError) as error:
            failed.append(name)
            print(f"{name}: {error}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(NAMES)
    if unknown:
        sys.exit(f"no such tool: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
