"""What is migrated, on which server, and how each tool is called on it."""
import hashlib
import pathlib
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / folder) for folder in ("e2e", "crash", "peers")]
import getting  # pylint: disable=wrong-import-position
import servers  # pylint: disable=wrong-import-position

ENGINES = ("sqlite", "postgres", "mariadb", "mysql")
DURABLE = {
    "postgres": {"fsync": "on", "full_page_writes": "on"},
    "mariadb": {"innodb-flush-log-at-trx-commit": 1, "innodb-doublewrite": "ON"},
    "mysql": {"innodb-flush-log-at-trx-commit": 1, "innodb-doublewrite": "ON"},
}
QUERY = "SELECT version FROM godwit_history"

# ---- the peers, from npm ----

PEERS = {"dbmate": "@dbmate/*/bin/dbmate", "node-pg-migrate": ".bin/node-pg-migrate"}


def find_peer(name):
    """A tool to compare with, in the cache; None (and a word about it) where it cannot be had."""
    try:
        return next((getting.get(name) / "node_modules").glob(PEERS[name]))
    except (getting.PeerError, subprocess.SubprocessError) as error:
        print(f"bench: it is not measured: {error}", file=sys.stderr)
        return None


# ---- what is migrated ----


def beside(folder, tool):
    """The same migrations, in the words of another tool."""
    return folder.with_name(f"{folder.name}_{tool}")


MARKS = {"dbmate": ("-- migrate:up\n", "-- migrate:down\n"), "node-pg-migrate": ("-- Up Migration\n", "-- Down Migration\n")}


def statement(i, engine):
    """One small migration: half of them make a table, a quarter a row, a quarter an index."""
    table = (i - 1) // 4 * 4 + 1
    if i % 4 == 2:
        return f"INSERT INTO t{table} (id, name, created_at) VALUES (1, 'the first row', '2026-01-01 00:00:00');"
    if i % 4 == 3:
        return f"CREATE INDEX t{table}_name ON t{table} (name);"
    text = "text" if engine in ("postgres", "sqlite") else "varchar(200)"
    return f"CREATE TABLE t{i} (\n    id integer NOT NULL PRIMARY KEY,\n    name {text} NOT NULL,\n    created_at timestamp NOT NULL\n);"


def row(i, _):
    """One of many migrations that leave the schema small: the time of a new table grows with the tables that SQLite has."""
    return "CREATE TABLE t (id integer NOT NULL PRIMARY KEY);" if i == 1 else f"INSERT INTO t (id) VALUES ({i});"


def make_folder(folder, count, engine, kind=statement):
    """The folder, the same for each peer, and one file beside it with everything."""
    folder.mkdir()
    for tool in MARKS:
        beside(folder, tool).mkdir()
    for i in range(1, count + 1):
        name, text = f"{i:06}_step_{i}.sql", kind(i, engine) + "\n"
        (folder / name).write_text(text)
        for tool, (up, down) in MARKS.items():
            (beside(folder, tool) / name).write_text(up + text + down)
    whole = "\n".join(kind(i, engine) for i in range(1, count + 1)) + "\n"
    everything = folder.with_suffix(".sql")
    everything.write_text(f"BEGIN;\n{whole}COMMIT;\n" if engine == "sqlite" else whole)
    step_by_step(folder, engine).write_text(recorded(folder, engine))
    return folder, everything


READ = {"sqlite": ".read", "postgres": "\\i", "mariadb": "source", "mysql": "source"}


def step_by_step(folder, engine):
    """A script of the plain client that does what a runner cannot leave out: see recorded()."""
    return folder.with_name(f"{folder.name}_{engine}_recorded.sql")


def recorded(folder, engine):
    """Read each file, and record that it was applied, in a row with its checksum."""
    lines = ["CREATE TABLE applied (version varchar(255) NOT NULL PRIMARY KEY, checksum varchar(64) NOT NULL, at timestamp NOT NULL);"]
    for file in sorted(folder.glob("*.sql")):
        checksum = hashlib.sha256(file.read_bytes()).hexdigest()
        lines += [f"{READ[engine]} {file}", f"INSERT INTO applied VALUES ('{file.name.split('_')[0]}', '{checksum}', CURRENT_TIMESTAMP);"]
    return "\n".join(["BEGIN;", *lines, "COMMIT;"] if engine == "sqlite" else lines) + "\n"


# ---- an engine, and how each tool is called on it ----


class Target:
    """A server, the commands of the tools on it, and a new database for each run. `port`: of a proxy before the server."""

    def __init__(self, bench, engine, place):
        self.bench, self.engine, self.server = bench, engine, None
        if engine == "sqlite":
            folder = place / "sqlite"
            folder.mkdir(exist_ok=True)
            self.server = servers.KINDS[engine]({"engine": engine, "folder": str(folder)})
        else:
            self.server = servers.launch(engine, place, tls=False, settings={} if bench.args.fast else DURABLE[engine])

    def close(self):
        if self.engine != "sqlite":
            servers.put_away(self.server)

    def environment(self):
        name = {"postgres": "PGPASSWORD", "mariadb": "MYSQL_PWD", "mysql": "MYSQL_PWD"}.get(self.engine)
        return {name: self.server.password} if name else {}

    def url(self, database, port, scheme=None):
        """Where nobody asks for TLS, nobody waits for the answer that there is none."""
        if self.engine == "sqlite":
            return database.url
        clear = {"sslmode": "disable"} if self.engine == "postgres" and port else {}
        return self.server.url(database.name, port=port, scheme=scheme, **clear)

    def godwit(self, database, folder, port=None):
        return [self.bench.program, "--url", self.url(database, port), "--dir", folder]

    def up(self, database, folder, port=None):
        return [*self.godwit(database, folder, port), "--create", "up"]

    def dbmate(self, database, folder, port=None):
        url = self.url(database, port, scheme="mysql" if self.engine == "mariadb" else None)
        if self.engine == "postgres" and not port:
            url += "?sslmode=disable"
        return [self.bench.dbmate, "--url", url, "--migrations-dir", beside(folder, "dbmate"), "--no-dump-schema", "migrate"]

    def node_pg_migrate(self, database, folder, port=None):
        return ["env", f"DATABASE_URL={self.url(database, port)}", self.bench.node_pg_migrate, "up", "--migrations-dir",
                beside(folder, "node-pg-migrate"), "--verbose", "false"]

    def tools(self):
        """Name, and how it is called: godwit, and the peers that there are."""
        found = {"godwit": self.up}
        if self.bench.dbmate:
            found["dbmate"] = self.dbmate
        if self.bench.node_pg_migrate and self.engine == "postgres":
            found["node-pg-migrate"] = self.node_pg_migrate
        return found

    def client(self, database, everything):
        """(command, standard input) of the plain client on one file with everything."""
        s = self.server
        if self.engine == "postgres":
            return ["psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-h", s.host, "-p", s.port, "-U", s.user, "-d", database.name,
                    "-f", everything], None
        if self.engine == "sqlite":
            return ["sqlite3", "-bail", s.path(database.name)], everything
        return ["mariadb", "--no-defaults", f"--host={s.host}", f"--port={s.port}", f"--user={s.user}", database.name], everything

    def plain(self, database):
        s = self.server
        if self.engine == "postgres":
            flags = servers.run(["pkg-config", "--cflags", "--libs", "libpq"]).split()
            return [self.bench.compile("plain_pg", *flags), database.url, QUERY]
        if self.engine == "sqlite":
            return [self.bench.compile("plain_lite", "-lsqlite3"), s.path(database.name), QUERY]
        flags = servers.run(["pkg-config", "--cflags", "--libs", "libmariadb"]).split()
        return [self.bench.compile("plain_my", *flags), s.host, s.port, s.user, database.name, QUERY]

    def shown(self, command, stdin=None):
        """A command as a person would type it: the places are the variables of their shell."""
        text = shlex.join(str(c) for c in command)
        for word, name in ((str(self.bench.program), self.bench.args.program), (str(self.bench.dbmate), "dbmate"),
                           (str(self.bench.node_pg_migrate), "node-pg-migrate"), (str(self.bench.scratch), "$SCRATCH"),
                           (self.server.password, "$PASSWORD"), (str(self.server.folder), "$FOLDER")):
            if word and word != "None":
                text = text.replace(word, name)
        return text + (f" < {str(stdin).replace(str(self.bench.scratch), '$SCRATCH')}" if stdin else "")
