"""Private database servers for the tests: started on free loopback ports, thrown away afterwards.

A Fleet owns server processes and describes each in a file; whoever reads that file (a pytest worker, a script) gets a Server
to work with, and from it a fresh Database for every test. Servers die with their fleet, also when that is killed.

Run as a program it starts servers for people and prints their URLs until it is interrupted:

    python3 tests/e2e/servers.py postgres mysql
"""
import contextlib
import fcntl
import json
import os
import pathlib
import random
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import quote

ENGINES = ("postgres", "mariadb", "mysql", "sqlite")
START_SECONDS = 120
AM_ROOT = os.geteuid() == 0


def cache_folder():
    """Where Debian roots with servers of other releases are kept, see `./do setup`."""
    if os.environ.get("GODWIT_CACHE"):
        return pathlib.Path(os.environ["GODWIT_CACHE"])
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "godwit"


def roots_from_environment():
    """GODWIT_TEST_ROOTS="postgres=/some/root mariadb=/another": servers from these Debian roots instead of this system's."""
    return dict(pair.split("=", 1) for pair in os.environ.get("GODWIT_TEST_ROOTS", "").split())


class ServerError(Exception):
    """A server did not start, or a client failed; the text says why."""


# ---- the machine ----


def own_address():
    """An IPv4 address of this machine that is not loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks for a route
        address = probe.getsockname()[0]
        return None if address.startswith(("127.", "0.")) else address
    return None


def addresses():
    return [a for a in ("127.0.0.1", own_address()) if a]


def remote_host():
    """This machine, named so that it looks like another host (TLS is required there): its address, or else its name."""
    if own_address():
        return own_address()
    try:
        socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError as error:
        raise ServerError(f"this machine has loopback alone, and its name is unknown to itself: {error}") from error
    return socket.gethostname()


def free_port():
    """Below the range from which clients get their ports, so that none of those takes it before the server does."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for address in addresses():
                held.enter_context(socket.socket()).bind((address, port))
            return port


def fast_place():
    """A folder in memory when there is plenty, else the ordinary place for temporary files."""
    shm = pathlib.Path("/dev/shm")
    if shm.is_dir() and os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 3 << 30:
        return shm
    return pathlib.Path(tempfile.gettempdir())


def new_folder(parent):
    """A folder that carries our pid in its name; those of processes that no longer live are cleared away."""
    for old in pathlib.Path(parent).glob("godwit-test-*-*"):
        pid = old.name.split("-")[2]
        if pid.isdigit() and not pathlib.Path("/proc", pid).exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"godwit-test-{os.getpid()}-", dir=parent))
    folder.chmod(0o755)
    return folder


def run(command, text=None, env=None, cwd=None, timeout=START_SECONDS):
    """Run a client or a tool to its end; its output, or a ServerError with what it said."""
    done = subprocess.run([str(c) for c in command], input=text, capture_output=True, text=True, timeout=timeout, cwd=cwd,
                          env={**os.environ, **(env or {})}, check=False)
    if done.returncode:
        raise ServerError(f"{pathlib.Path(str(command[0])).name} ended with {done.returncode}: "
                          f"{(done.stderr or done.stdout).strip()}")
    return done.stdout


def find(patterns, root=None):
    """The newest program that one of the patterns names, in the host or in a Debian root."""
    for pattern in patterns:
        found = sorted(pathlib.Path(root or "/").glob(pattern.lstrip("/")),
                       key=lambda p: [int(n) for n in re.findall(r"\d+", str(p))])
        if found:
            return found[-1]
    raise ServerError(f"no {patterns[0]}" + (f" in {root}" if root else "") + ": run `./do setup test`")


def tail(path, lines=40, since=0):
    with contextlib.suppress(OSError), open(path, "rb") as log:
        log.seek(since)
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
    return ""


def make_certificates(folder):
    """A certificate authority of our own and a server certificate for every name under which the servers are reached."""
    names = ["DNS:localhost", "DNS:db.internal", f"DNS:{socket.gethostname()}"] + [f"IP:{a}" for a in addresses()]
    (folder / "names").write_text("subjectAltName=" + ",".join(names) + "\n")
    ssl = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
    run(ssl + ["-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=godwit test authority"], cwd=folder)
    run(ssl + ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=db.internal"], cwd=folder)
    run(["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
         "-extfile", "names", "-out", "server.pem"], cwd=folder)
    (folder / "server.key").chmod(0o600)


# ---- a server, as everybody sees it ----


class Server:
    """A running server. `facts` is what a fleet wrote down: address, administrator, folder, log, certificate authority."""

    name = scheme = ""
    # PostgreSQL and SQLite undo DDL with its transaction; the MySQL family commits it by itself.
    transactional_ddl = True

    def __init__(self, facts):
        self.facts = facts
        self.host, self.port = facts.get("host"), facts.get("port")
        self.user, self.password = facts.get("user"), facts.get("password")
        self.folder = pathlib.Path(facts["folder"])
        self.log = self.folder / "log"
        self.ca = self.folder / "ca.pem"
        self.root = facts.get("root")

    def url(self, database=None, user=None, password=None, host=None, port=None, scheme=None, **params):
        """The URL of a database on this server; everything can be replaced, password=False leaves it out."""
        login = quote(user or self.user, safe="")
        if password is not False:
            login += ":" + quote(password or self.password, safe="")
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in params.items())
        return (f"{scheme or self.scheme}://{login}@{host or self.host}:{port or self.port}/{database or ''}"
                + ("?" + query if query else ""))

    def database(self, name=None, create=True):
        """A database of its own for a test. create=False: only a name that nobody uses."""
        fresh = Database(self, name or f"t{secrets.token_hex(5)}")
        if create:
            self.create(fresh.name)
        return fresh

    def version(self):
        return self.query("SELECT version()")[0][0]

    def log_tail(self, lines=40, since=0):
        return tail(self.log, lines, since)

    def log_size(self):
        return self.log.stat().st_size if self.log.exists() else 0


class Database:
    """One database of a server. Rows are tuples of texts and None, spelled as the plain client spells them."""

    def __init__(self, server, name):
        self.server, self.name = server, name

    @property
    def engine(self):
        return self.server.name

    @property
    def url(self):
        return self.server.url(self.name)

    def query(self, sql):
        return self.server.query(sql, self.name)

    def value(self, sql):
        """The first column of the first row; None when there is no row."""
        rows = self.query(sql)
        return rows[0][0] if rows else None

    def script(self, text):
        """A whole file through the plain client (psql, mariadb, sqlite3), which stops at the first error."""
        self.server.script(text, self.name)

    def dump(self, data=False):
        """The schema (and the rows) as text that can be compared; without godwit's own tables."""
        return self.server.dump(self.name, data)

    def tables(self):
        """Names of all tables, godwit's own too, sorted."""
        return sorted(row[0] for row in self.query(self.server.TABLES))

    def executes(self, part):
        """Is a session at a statement that begins so? (SQLite tells of none: has one written in a transaction?)"""
        return self.server.executes(self.name, part)

    def exists(self):
        return self.server.exists(self.name)

    def drop(self):
        self.server.drop(self.name)


class Postgres(Server):
    name, scheme = "postgres", "postgres"
    TABLES = ("SELECT CASE schemaname WHEN 'public' THEN '' ELSE schemaname || '.' END || tablename FROM pg_catalog.pg_tables "
              "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")

    def _client(self, program, *args, text=None):
        # A dump program refuses servers that are newer than itself: that of the same release is taken.
        command = ["chroot", self.root] if self.root else []
        command.append(find([f"/usr/lib/postgresql/*/bin/{program}"], self.root) if not self.root
                       else "/" + str(find([f"/usr/lib/postgresql/*/bin/{program}"], self.root).relative_to(self.root)))
        return run([*command, "-h", self.host, "-p", self.port, "-U", self.user, *args], text,
                   {"PGPASSWORD": self.password, "PGCLIENTENCODING": "UTF8", "PGAPPNAME": "test", "PGTZ": "UTC"})

    def query(self, sql, database="postgres"):
        out = self._client("psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-P", "null=\x02",
                           "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql)
        rows = out.removesuffix("\n").removesuffix("\x1e")
        return [tuple(None if value == "\x02" else value for value in row.split("\x1f")) for row in rows.split("\x1e")] if rows else []

    def script(self, text, database):
        self._client("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-", text=text)

    def executes(self, database, part):
        return self.query(f"SELECT 1 FROM pg_stat_activity WHERE datname = '{database}' AND state = 'active' AND query LIKE '{part}%'") != []

    def create(self, database):
        self.query(f'CREATE DATABASE "{database}" TEMPLATE template0')

    def exists(self, database):
        return bool(self.query(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"))

    def drop(self, database):
        self.query(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def dump(self, database, data=False):
        out = self._client("pg_dump", "-d", database, "-T", "*.godwit_*", *([] if data else ["-s"]))
        noise = ("--", "\\restrict", "\\unrestrict", "SET ", "SELECT pg_catalog.set_config")
        return "".join(line + "\n" for line in out.splitlines() if line and not line.startswith(noise))

    def create_user(self, name, password):
        """A login that may connect and nothing else."""
        self.query(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'")

    def drop_user(self, name):
        self.query(f'DROP ROLE IF EXISTS "{name}"')


class MySQL(Server):
    name, scheme = "mysql", "mysql"
    transactional_ddl = False
    TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"

    def _client(self, program, *args, text=None):
        return run([program, "--no-defaults", f"--host={self.host}", f"--port={self.port}", f"--user={self.user}",
                    "--default-character-set=utf8mb4", *args], text, {"MYSQL_PWD": self.password})

    def query(self, sql, database=None):
        out = self._client("mariadb", "--batch", "--skip-column-names", *([database] if database else []), "-e", sql)
        return [tuple(None if value == "NULL" else self._plain(value) for value in row.split("\t")) for row in out.splitlines()]

    @staticmethod
    def _plain(value):
        return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "0": "\0"}.get(m[1], m[1]), value)

    def script(self, text, database):
        self._client("mariadb", database, text=text)

    def executes(self, database, part):
        return self.query(f"SELECT 1 FROM information_schema.processlist WHERE db = '{database}' AND info LIKE '{part}%'") != []

    def create(self, database):
        self.query(f"CREATE DATABASE `{database}`")

    def exists(self, database):
        return bool(self.query(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = '{database}'"))

    def drop(self, database):
        self.query(f"DROP DATABASE IF EXISTS `{database}`")

    def dump(self, database, data=False):
        own = [row[0] for row in self.query(self.TABLES, database) if row[0].startswith("godwit_")]
        out = self._client("mariadb-dump", "--routines", "--triggers", "--events", "--skip-comments", "--skip-add-locks",
                           *([] if data else ["--no-data"]), *(f"--ignore-table={database}.{table}" for table in own), database)
        # Session settings of the dump itself, counters, and the name of this very database say nothing about the schema.
        lines = [re.sub(r" AUTO_INCREMENT=\d+", "", line).replace(f"`{database}`", "`db`") for line in out.splitlines()
                 if line and not re.match(r"/\*M?!\d+\\?-? ?(enable the sandbox|SET |ALTER DATABASE)|/\*!40000 ALTER TABLE|USE ", line)]
        return "".join(line + "\n" for line in lines)

    def create_user(self, name, password):
        """A login that may connect and nothing else."""
        self.query(f"CREATE USER '{name}'@'%' IDENTIFIED BY '{password}'")

    def drop_user(self, name):
        self.query(f"DROP USER IF EXISTS '{name}'@'%'")


class MariaDB(MySQL):
    name, scheme = "mariadb", "mariadb"


class SQLite(Server):
    """No server: a folder of files. One object has the same shape as the others."""

    name, scheme = "sqlite", "sqlite"
    TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"

    def path(self, database):
        return self.folder / f"{database}.db"

    def url(self, database=None, **_):
        return f"sqlite:{self.path(database)}"

    def query(self, sql, database=None):
        with contextlib.closing(sqlite3.connect(self.path(database) if database else ":memory:", isolation_level=None)) as link:
            rows = link.execute(sql).fetchall()
        return [tuple(None if value is None else str(value) for value in row) for row in rows]

    def script(self, text, database):
        run(["sqlite3", "-bail", self.path(database)], text)

    def version(self):
        return "SQLite " + sqlite3.sqlite_version

    def executes(self, database, part):
        return pathlib.Path(f"{self.path(database)}-journal").exists()

    def create(self, database):
        """A file comes into being by being used."""

    def exists(self, database):
        return self.path(database).exists()

    def drop(self, database):
        for file in self.folder.glob(f"{database}.db*"):
            file.unlink()

    def dump(self, database, data=False):
        rows = self.query("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' "
                          r"AND tbl_name NOT LIKE 'godwit\_%' ESCAPE '\' ORDER BY type, name", database)
        lines = [" ".join(str(value) for value in row) for row in rows]
        if data:
            for kind, name, _, _ in rows:
                if kind == "table":
                    lines += [f"{name}: {row}" for row in sorted(self.query(f'SELECT * FROM "{name}"', database), key=repr)]
        return "".join(line + "\n" for line in lines)


KINDS = {kind.name: kind for kind in (Postgres, MariaDB, MySQL, SQLite)}


# ---- starting and ending ----


class Process:
    """A server process that we own: ended by its own id, and by the kernel when the thread that started it is gone."""

    def __init__(self, command, log, user=None, root=None, end=signal.SIGKILL):
        self.end, self.log = end, log
        enter = ["chroot", root] if root else []
        become = [f"--reuid={user}", f"--regid={user}", "--init-groups"] if user and AM_ROOT else []
        self.command = [str(c) for c in [*enter, "setpriv", f"--pdeathsig={signal.Signals(end).name[3:]}", *become, *command]]
        self.popen = self._begin()

    def _begin(self, env=None):
        with open(self.log, "ab") as out:
            return subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                                    env={**os.environ, **(env or {})})

    @property
    def pid(self):
        return self.popen.pid

    def children(self):
        with contextlib.suppress(OSError):
            return [int(pid) for pid in pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        return []

    def kill(self):
        """As a machine does that is switched off: the server and all that it started are gone, none has a last word."""
        self.popen.send_signal(signal.SIGSTOP)
        for pid in [*self.children(), self.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.popen.wait()

    def again(self, ready, env=None):
        """Start once more after an end, on the same data."""
        self.popen = self._begin(env)
        self.wait_until(ready)

    def wait_until(self, ready, seconds=START_SECONDS):
        deadline = time.monotonic() + seconds
        while True:
            if self.popen.poll() is not None:
                raise ServerError(f"the server ended with {self.popen.returncode}\n{tail(self.log)}")
            try:
                return ready()
            except (ServerError, OSError, subprocess.TimeoutExpired) as error:
                if time.monotonic() > deadline:
                    self.stop()
                    raise ServerError(f"the server was not ready after {seconds} s: {error}\n{tail(self.log)}") from error
            time.sleep(0.05)

    def stop(self, sig=None):
        if self.popen.poll() is None:
            self.popen.send_signal(sig or self.end)
            try:
                self.popen.wait(10)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


def as_user(user, command, root=None, **more):
    """Run to its end, as `user` when we are root, inside a Debian root when one is given."""
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user and AM_ROOT else []
    return run([*(["chroot", root] if root else []), *become, *command], **more)


def answering(facts):
    """Ready means: the administrator can log in and ask."""
    server = KINDS[facts["engine"]](facts)
    return lambda: server.query("SELECT 1") and None


def own(folder, user, root=None):
    """Hand a folder to the user that the server runs as, by its number in that root."""
    if AM_ROOT and user:
        entry = next(line for line in pathlib.Path(root or "/", "etc/passwd").read_text().splitlines() if line.startswith(user + ":"))
        uid, gid = (int(n) for n in entry.split(":")[2:4])
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, uid, gid)


def start_postgres(folder, root=None, tls=True, settings=None):
    """initdb and postgres; durability off, passwords by SCRAM, TLS with a certificate of our own authority."""
    facts = new_facts("postgres", folder, root)
    user = "postgres" if AM_ROOT else None
    inner = pathlib.Path("/", folder.relative_to(root)) if root else folder
    binary = find(["/usr/lib/postgresql/*/bin/initdb"], root).parent
    binary = pathlib.Path("/", binary.relative_to(root)) if root else binary
    make_certificates(folder)
    (folder / "password").write_text(facts["password"] + "\n")
    own(folder, user, root)
    as_user(user, [binary / "initdb", "-D", inner / "data", "-U", facts["user"], "-A", "scram-sha-256", f"--pwfile={inner}/password",
                   "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"], root, cwd="/")
    networks = "".join(f"host all all {address}/32 scram-sha-256\n" for address in addresses())
    (folder / "data/pg_hba.conf").write_text("local all all scram-sha-256\n" + networks)
    chosen = {"listen_addresses": ",".join(addresses()), "port": facts["port"], "unix_socket_directories": inner, "fsync": "off",
              "full_page_writes": "off", "max_connections": 200, "shared_buffers": "64MB", "jit": "off", "timezone": "UTC",
              "autovacuum": "off", "log_line_prefix": "%m [%p] %u@%d ", "log_timezone": "UTC", **(settings or {})}
    if tls:
        chosen |= {"ssl": "on", "ssl_cert_file": inner / "server.pem", "ssl_key_file": inner / "server.key"}
    process = Process([binary / "postgres", "-D", inner / "data", *(f"--{name}={value}" for name, value in chosen.items())],
                      folder / "log", user, root, signal.SIGQUIT)
    process.wait_until(answering(facts))
    return facts, process


def own_tmpdir(folder, inner=None):
    """A server that starts, also one that only makes its data, deletes the temporary tables that it finds in its tmpdir. When
    those are another's, a MariaDB whose files vanish between making and opening them ends by signal 11."""
    (folder / "tmp").mkdir()
    return f"--tmpdir={inner or folder}/tmp"


def start_mariadb(folder, root=None, tls=True, settings=None):
    facts = new_facts("mariadb", folder, root)
    inner = pathlib.Path("/", folder.relative_to(root)) if root else folder
    tmpdir = own_tmpdir(folder, inner)
    find(["/usr/bin/mariadb-install-db"], root)
    run([*(["chroot", root] if root else []), "mariadb-install-db", "--no-defaults", f"--datadir={inner}/data", "--skip-test-db",
         "--auth-root-authentication-method=normal", "--innodb-log-file-size=16M", tmpdir, *(["--user=root"] if AM_ROOT else [])])
    return run_mysqld(facts, [find(["/usr/sbin/mariadbd"])] if not root else ["/usr/sbin/mariadbd"], inner, root, tls,
                      {"innodb-log-file-size": "16M", "skip-ssl": None} if not tls else {"innodb-log-file-size": "16M"}, settings)


def start_mysql(folder, root=None, tls=True, settings=None):
    """MySQL comes from a Debian root in the cache. Its own dynamic loader runs it: no chroot, data wherever we like."""
    root = pathlib.Path(root or cache_folder() / "mysql")
    facts = new_facts("mysql", folder, None)
    server = [find(["/usr/lib64/ld-linux-*.so.*", "/usr/lib/ld-linux-*.so.*"], root), "--library-path",
              find(["/usr/lib/*-linux-gnu*/libc.so.6"], root).parent, find(["/usr/sbin/mysqld"], root), "--no-defaults",
              *(["--user=root"] if AM_ROOT else []), f"--basedir={root}/usr", f"--datadir={folder}/data", own_tmpdir(folder),
              "--disable-log-bin", "--innodb-doublewrite=OFF", "--innodb-redo-log-capacity=32M"]
    (folder / "log").write_text(run([*server, "--initialize-insecure"]))
    return run_mysqld(facts, server, folder, None, tls, {"mysqlx": "OFF", **({} if tls else {"tls-version": ""})}, settings)


def run_mysqld(facts, server, inner, root, tls, own_settings, settings):
    """What MariaDB and MySQL have in common: options, the administrator, TLS."""
    folder = pathlib.Path(facts["folder"])
    make_certificates(folder)
    (folder / "init.sql").write_text(
        f"CREATE USER '{facts['user']}'@'%' IDENTIFIED BY '{facts['password']}';\n"
        f"GRANT ALL ON *.* TO '{facts['user']}'@'%' WITH GRANT OPTION;\n")
    chosen = {"datadir": inner / "data", "tmpdir": inner / "tmp", "socket": inner / "socket", "pid-file": inner / "pid",
              "port": facts["port"], "bind-address": ",".join(addresses()), "secure-file-priv": "NULL" if facts["engine"] == "mysql" else "",
              "init-file": inner / "init.sql", "innodb-flush-log-at-trx-commit": 2, "max-connections": 200,
              "event-scheduler": "OFF", "innodb-buffer-pool-size": "64M", **own_settings, **(settings or {})}
    if tls:
        chosen |= {"ssl-ca": inner / "ca.pem", "ssl-cert": inner / "server.pem", "ssl-key": inner / "server.key"}
    options = [f"--{name}" + ("" if value is None else f"={value}") for name, value in chosen.items()]
    if facts["engine"] == "mariadb":
        options = ["--no-defaults", *(["--user=root"] if AM_ROOT else []), "--innodb-doublewrite=OFF", *options]
    process = Process([*server, *options], folder / "log", None, root)
    if facts["engine"] == "mysql":
        # libmariadb's first login of a user needs TLS or the socket; after it the server remembers the password's hash.
        process.wait_until(lambda: run(["mariadb", "--no-defaults", f"--socket={folder}/socket", f"--user={facts['user']}", "-e", ""],
                                       env={"MYSQL_PWD": facts["password"]}))
    process.wait_until(answering(facts))
    return facts, process


def new_facts(engine, folder, root):
    return {"engine": engine, "host": "127.0.0.1", "port": free_port(), "user": "admin", "password": secrets.token_hex(8),
            "folder": str(folder), "root": str(root) if root else None}


STARTERS = {"postgres": start_postgres, "mariadb": start_mariadb, "mysql": start_mysql}


def launch(engine, parent, tls=True, settings=None):
    """One server in a new folder under `parent`, or inside the root that it comes from: the Server, with its `.process`."""
    root = roots_from_environment().get(engine)
    folder = new_folder(pathlib.Path(root, "srv") if root and engine != "mysql" else parent)
    try:
        facts, process = STARTERS[engine](folder, root, tls, settings)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    server = KINDS[engine](facts)
    server.process = process
    return server


def revive(server, env=None):
    """Start a server of launch() that was killed; to be called by the thread that launched it."""
    server.process.again(answering(server.facts), env)


def put_away(server):
    server.process.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


class PgBouncer:
    """PgBouncer before a PostgreSQL server, in transaction mode unless said otherwise. Speaks like that server."""

    def __init__(self, server, parent, pool_mode="transaction", settings=None):
        self.server, self.port = server, free_port()
        self.folder = new_folder(parent)
        (self.folder / "users").write_text(f'"{server.user}" "{server.password}"\n')
        chosen = {"listen_addr": "127.0.0.1", "listen_port": self.port, "unix_socket_dir": self.folder, "auth_type": "scram-sha-256",
                  "auth_file": self.folder / "users", "pool_mode": pool_mode, "admin_users": server.user, "default_pool_size": 20,
                  "max_client_conn": 200, **(settings or {})}
        (self.folder / "ini").write_text(f"[databases]\n* = host={server.host} port={server.port}\n[pgbouncer]\n"
                                         + "".join(f"{name} = {value}\n" for name, value in chosen.items()))
        user = "postgres" if AM_ROOT else None
        own(self.folder, user)
        self.process = Process(["/usr/sbin/pgbouncer", self.folder / "ini"], self.folder / "log", user)
        front = Postgres({**server.facts, "port": self.port})
        self.process.wait_until(lambda: front.query("SHOW VERSION", "pgbouncer") and None)

    def url(self, database, **more):
        return self.server.url(database, port=self.port, **more)

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


# ---- Galera ----

GALERA_NODES = 3


class GaleraNodes:
    """The owner's side of a cluster of MariaDB nodes on loopback: its processes."""

    def __init__(self, parent):
        self.folder = new_folder(parent)
        self.facts = [new_facts("mariadb", self.folder / f"node{n}", None) for n in range(GALERA_NODES)]
        self.ports = [[free_port() for _ in range(3)] for _ in self.facts]  # group, incremental and whole state transfer
        self.processes = [None] * GALERA_NODES
        self.user = "mysql" if AM_ROOT else None
        for one in self.facts[1:]:
            one["password"] = self.facts[0]["password"]
        try:
            self._prepare()
        except BaseException:
            self.put_away()
            raise

    def _prepare(self):
        """The first node is made, and the others begin with copies of it: nodes that know the same state need no transfer."""
        first = pathlib.Path(self.facts[0]["folder"])
        first.mkdir()
        run(["mariadb-install-db", "--no-defaults", f"--datadir={first}/data", "--skip-test-db", "--auth-root-authentication-method=normal",
             "--innodb-log-file-size=16M", own_tmpdir(first), *(["--user=root"] if AM_ROOT else [])])
        # As root rsync's daemon would become another user, who may not write there.
        (first / "init.sql").write_text(f"CREATE USER '{self.facts[0]['user']}'@'%' IDENTIFIED BY '{self.facts[0]['password']}';\n"
                                        f"GRANT ALL ON *.* TO '{self.facts[0]['user']}'@'%' WITH GRANT OPTION;\n")
        own(self.folder, self.user)
        self.start(0, "--wsrep-new-cluster", f"--init-file={first}/init.sql")
        self.end(0)
        for one in self.facts[1:]:
            shutil.copytree(first / "data", pathlib.Path(one["folder"], "data"), ignore=shutil.ignore_patterns("galera.cache"))
            own_tmpdir(pathlib.Path(one["folder"]))
        own(self.folder, self.user)
        self.start(0, "--wsrep-new-cluster")
        for number in range(1, GALERA_NODES):
            self.start(number)

    def _running(self):
        return [n for n, process in enumerate(self.processes) if process and process.popen.poll() is None]

    def start(self, number, *more):
        facts, (group, incremental, whole) = self.facts[number], self.ports[number]
        folder = pathlib.Path(facts["folder"])
        provider = {"base_host": "127.0.0.1", "base_port": group, "gmcast.listen_addr": f"tcp://127.0.0.1:{group}",
                    "ist.recv_addr": f"127.0.0.1:{incremental}", "gcache.size": "16M", "evs.suspect_timeout": "PT2S",
                    "evs.inactive_timeout": "PT4S", "evs.keepalive_period": "PT0.5S",
                    "evs.inactive_check_period": "PT0.5S"}
        chosen = {"datadir": folder / "data", "tmpdir": folder / "tmp", "socket": folder / "socket", "pid-file": folder / "pid",
                  "port": facts["port"], "bind-address": "127.0.0.1", "wsrep-on": "ON", "wsrep-provider": find(["/usr/lib/galera/libgalera_smm.so"]),
                  "wsrep-cluster-address": "gcomm://" + ",".join(f"127.0.0.1:{self.ports[n][0]}" for n in self._running()),
                  "wsrep-provider-options": ";".join(f"{name}={value}" for name, value in provider.items()),
                  "wsrep-node-name": f"node{number}", "wsrep-node-address": f"127.0.0.1:{group}", "wsrep-sst-method": "rsync",
                  "wsrep-sst-receive-address": f"127.0.0.1:{whole}", "binlog-format": "ROW", "innodb-autoinc-lock-mode": 2,
                  "innodb-flush-log-at-trx-commit": 2, "innodb-buffer-pool-size": "64M", "innodb-log-file-size": "16M",
                  "max-connections": 200}
        self.processes[number] = Process([find(["/usr/sbin/mariadbd"]), "--no-defaults",
                                          *(f"--{name}={value}" for name, value in chosen.items()), *more], folder / "log", self.user)
        server = MariaDB(facts)

        def synced():
            rows = server.query("SHOW STATUS LIKE 'wsrep_local_state_comment'")
            if rows != [("wsrep_local_state_comment", "Synced")]:
                raise ServerError(f"the node is not there yet: {rows}")

        self.processes[number].wait_until(synced)

    def end(self, number, sig=signal.SIGTERM):
        """SIGTERM: the node takes its leave. SIGKILL: it is gone."""
        self.processes[number].stop(sig)
        with contextlib.suppress(ProcessLookupError):  # what it started to send or receive a state
            os.killpg(self.processes[number].pid, signal.SIGKILL)

    def carry_out(self, order):
        verb, number = order.split()
        {"start": self.start, "stop": self.end, "kill": lambda n: self.end(n, signal.SIGKILL)}[verb](int(number))

    def put_away(self):
        for number, process in enumerate(self.processes):
            if process:
                self.end(number, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


class Galera:
    """A running cluster as tests see it: `nodes` are MariaDB servers. A node is stopped and started by the fleet, which owns it."""

    def __init__(self, facts):
        self.nodes = [MariaDB(one) for one in facts["nodes"]]
        self.base = pathlib.Path(facts["base"])

    def stop_node(self, number):
        self._order(f"stop {number}")

    def kill_node(self, number):
        self._order(f"kill {number}")

    def start_node(self, number):
        self._order(f"start {number}")

    def is_running(self, number):
        with contextlib.suppress(ServerError):
            return bool(self.nodes[number].query("SELECT 1"))
        return False

    def _order(self, text):
        done = self.base / "galera.done"
        done.unlink(missing_ok=True)
        (self.base / "galera.part").write_text(text)
        (self.base / "galera.part").rename(self.base / "galera.order")
        deadline = time.monotonic() + START_SECONDS
        while not done.exists():
            if time.monotonic() > deadline:
                raise ServerError(f"the cluster did not carry out: {text}")
            time.sleep(0.05)
        if done.read_text():
            raise ServerError(f"{text}: {done.read_text()}")

    @contextlib.contextmanager
    def alone(self):
        """For as long as a test needs all nodes: others wait."""
        with open(self.base / "galera.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self


KINDS["galera"] = Galera


class Fleet:
    """Servers that live as long as we do. Each is started, watched and ended by a thread of its own, all at the same time.

    Whoever attaches to one that was not started asks for it by a file, `NAME.wanted`: a cluster costs nothing until then."""

    def __init__(self):
        self.base = new_folder(fast_place())
        self.over = threading.Event()
        self.threads = {}
        self.doorman = threading.Thread(target=self._open_doors, daemon=True)
        self.doorman.start()

    def _open_doors(self):
        while not self.over.wait(0.1):
            self.start([wanted.stem for wanted in self.base.glob("*.wanted") if wanted.stem in KINDS])

    def start(self, engines):
        for engine in engines:
            if engine not in self.threads and not self.over.is_set():
                self.threads[engine] = threading.Thread(target=self._serve, args=(engine,), daemon=True)
                self.threads[engine].start()

    def _serve(self, engine):
        try:
            if engine == "sqlite":
                folder = new_folder(self.base)
                self._tell(engine, "json", json.dumps({"engine": engine, "folder": str(folder)}))
                return
            if engine == "galera":
                self._serve_galera()
                return
            server = launch(engine, self.base)
        except (ServerError, OSError, subprocess.SubprocessError) as error:
            self._tell(engine, "error", f"{engine} did not start: {error}")
            return
        self._tell(engine, "json", json.dumps(server.facts))
        self.over.wait()
        put_away(server)

    def _serve_galera(self):
        nodes = GaleraNodes(self.base)
        self._tell("galera", "json", json.dumps({"engine": "galera", "base": str(self.base), "nodes": nodes.facts}))
        order = self.base / "galera.order"
        while not self.over.wait(0.05):
            if order.exists():
                text = order.read_text()
                order.unlink()
                try:
                    nodes.carry_out(text)
                    said = ""
                except (ServerError, OSError) as error:
                    said = str(error)
                self._tell("galera", "done", said)
        nodes.put_away()

    def _tell(self, engine, how, text):
        part = self.base / f"{engine}.part"
        part.write_text(text)
        part.rename(self.base / f"{engine}.{how}")

    def stop(self):
        self.over.set()
        self.doorman.join()
        for thread in self.threads.values():
            thread.join()
        shutil.rmtree(self.base, ignore_errors=True)


def want(base, engine):
    """Ask a fleet to start what it has not started yet."""
    pathlib.Path(base, f"{engine}.wanted").touch()


def attach(base, engine, seconds=START_SECONDS):
    """The Server that a fleet runs, as soon as it is ready."""
    base = pathlib.Path(base)
    deadline = time.monotonic() + seconds
    want(base, engine)
    while time.monotonic() < deadline:
        if (base / f"{engine}.json").exists():
            return KINDS[engine](json.loads((base / f"{engine}.json").read_text()))
        if (base / f"{engine}.error").exists():
            raise ServerError((base / f"{engine}.error").read_text())
        time.sleep(0.05)
    raise ServerError(f"{engine} was not ready after {seconds} s")


def main(engines):
    wrong = [engine for engine in engines if engine not in ENGINES]
    if wrong:
        sys.exit(f"no such engine: {', '.join(wrong)}; there are {', '.join(ENGINES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun, fleet = time.monotonic(), Fleet()
    try:
        fleet.start(engines or ENGINES)
        for engine in engines or ENGINES:
            server = attach(fleet.base, engine)
            print(f"{server.url('postgres' if engine == 'postgres' else 'app'):60} {server.version()}  log: {server.log}")
        print(f"ready after {time.monotonic() - begun:.1f} s; Ctrl-C ends them", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        fleet.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
