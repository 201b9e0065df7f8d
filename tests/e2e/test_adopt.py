"""Other tools' histories, taken over: the tables as each tool makes them, with what it would have written."""
import contextlib
import hashlib
import sqlite3
import threading
import zlib

import pytest

import servers
from godwit import eventually

FILES = {f"{n:04}_{name}.sql": f"CREATE TABLE {name} (n INTEGER);\n" for n, name in ((1, "a"), (2, "b"), (3, "c"))}
A, B, C = FILES


def hashed(algorithm, name):
    return hashlib.new(algorithm, FILES[name].encode()).hexdigest()


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def crc(name):
    value = zlib.crc32(FILES[name].rstrip("\n").encode())
    return value - (1 << 32) if value >> 31 else value


ALL = ("postgres", "mysql", "mariadb", "sqlite")
FLYWAY = ("installed_rank int NOT NULL PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL, "
          "script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL, installed_on timestamp DEFAULT CURRENT_TIMESTAMP, "
          "execution_time int NOT NULL, success boolean NOT NULL")
LIQUIBASE = ("id varchar(255), author varchar(255), filename varchar(255), dateexecuted varchar(40), orderexecuted int, exectype varchar(10), "
             "md5sum varchar(35)")
PRISMA = ("id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at varchar(40), migration_name varchar(255) NOT NULL, logs text, "
          "rolled_back_at varchar(40), started_at varchar(40) NOT NULL, applied_steps_count int NOT NULL")
ATLAS = ("version varchar(255) PRIMARY KEY, description varchar(255), type bigint, applied bigint, total bigint, executed_at varchar(60), "
         "execution_time bigint, error text, error_stmt text, hash varchar(255), partial_hashes text, operator_version varchar(255)")

# tool: engines, the table and its columns, rows of 0001 and 0002 (and what counts for nothing)
TOOLS = {
    "alembic": (ALL, "alembic_version (version_num varchar(32) PRIMARY KEY)", ["'0001'", "'0002'"]),
    "atlas": (ALL, f"atlas_schema_revisions ({ATLAS})", [
        "'.atlas_cloud_identifier', 'x', 2, 0, 0, '2026-01-01 00:00:00', 0, '', '', '', NULL, 'x'",
        "'0001', 'a', 2, 1, 1, '2026-01-01 10:00:00', 5, '', '', '', NULL, 'Atlas CLI v1'",
        "'0002', 'b', 4, 0, 0, '2026-01-02 10:00:00', 5, '', '', '', NULL, 'Atlas CLI v1'"]),
    "dbmate": (ALL, "schema_migrations (version varchar(128) PRIMARY KEY)", ["'0001'", "'0002'"]),
    "diesel": (ALL, "__diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp)", [
        "'0001', '2026-01-01 10:00:00'", "'0002', '2026-01-02 10:00:00'"]),
    "drizzle-0": (ALL, "__drizzle_migrations (id int, hash varchar(64) NOT NULL, created_at bigint)", [
        f"1, '{hashed('sha256', A)}', 1767261600000", f"2, '{hashed('sha256', B)}', 1767348000000"]),
    "drizzle": (ALL, "__drizzle_migrations (id int, hash varchar(64) NOT NULL, created_at bigint, name varchar(200), applied_at varchar(40))", [
        f"1, '{hashed('sha256', A)}', 1767261600000, '0001_a', NULL", f"2, '{hashed('sha256', B)}', 1767348000000, '0002_b', '2026-01-01'"]),
    "flyway": (ALL, f"flyway_schema_history ({FLYWAY})", [
        "0, NULL, 'schema', 'SCHEMA', 'x', NULL, 'u', '2026-01-01 10:00:00', 1, true",
        f"1, '1', 'a', 'SQL', 'V1__a.sql', {crc(A)}, 'u', '2026-01-01 10:00:00', 1, true",
        f"2, '2', 'b', 'SQL', 'V2__b.sql', {crc(B)}, 'u', '2026-01-02 10:00:00', 1, true",
        f"3, '3', 'c', 'SQL', 'V3__c.sql', {crc(C)}, 'u', '2026-01-03 10:00:00', 1, true",
        "4, '3', 'c', 'UNDO_SQL', 'U3__c.sql', 7, 'u', '2026-01-04 10:00:00', 1, true"]),
    "golang-migrate": (ALL, "schema_migrations (version bigint NOT NULL, dirty boolean NOT NULL)", ["2, false"]),
    "goose": (ALL, "goose_db_version (id int PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp)", [
        "1, 0, true, '2026-01-01 09:00:00'", "2, 1, true, '2026-01-01 10:00:00'", "3, 2, true, '2026-01-02 10:00:00'",
        "4, 3, true, '2026-01-03 10:00:00'", "5, 3, false, '2026-01-04 10:00:00'"]),
    "liquibase": (ALL, f"DATABASECHANGELOG ({LIQUIBASE})", [
        "'0001_a', 'me', 'x.sql', '2026-01-01 10:00:00', 1, 'EXECUTED', '8:x'", "'0002_b', 'me', 'x.sql', '2026-01-01 10:00:00', 2, 'RERAN', NULL",
        "'0003_c', 'me', 'x.sql', '2026-01-01 10:00:00', 3, 'SKIPPED', '9:x'"]),
    "node-pg-migrate": (("postgres",), "pgmigrations (id int PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)", [
        "1, '0001_a', '2026-01-01 10:00:00'", "2, '0002_b', '2026-01-01 10:00:00'"]),
    "prisma": (ALL, f"_prisma_migrations ({PRISMA})", [
        f"'i', '{hashed('sha256', A)}', '2026-01-01 10:00:01', '0001_a', NULL, NULL, '2026-01-01 10:00:00', 1",
        "'j', 'x', NULL, '0002_b', 'an error', '2026-01-01 11:00:01', '2026-01-01 11:00:00', 0",
        f"'k', '{hashed('sha256', B)}', '2026-01-01 12:00:01', '0002_b', NULL, NULL, '2026-01-01 12:00:00', 1"]),
    "sql-migrate": (ALL, "gorp_migrations (id varchar(255) PRIMARY KEY, applied_at timestamp)", [
        "'0001_a.sql', '2026-01-01 10:00:00'", "'0002_b.sql', '2026-01-01 10:00:00'"]),
    "sqlx": (ALL, "_sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamp, success boolean NOT NULL, "
             "checksum {bytes} NOT NULL, execution_time bigint NOT NULL)", [
                 f"1, 'a', '2026-01-01 10:00:00', true, {{0}}{hashed('sha384', A)}{{1}}, 5",
                 f"2, 'b', '2026-01-02 10:00:00', true, {{0}}{hashed('sha384', B)}{{1}}, 5"]),
    "tern": (("postgres",), "schema_version (version int NOT NULL)", ["2"]),
    "yoyo": (ALL, "_yoyo_migration (migration_hash varchar(64) PRIMARY KEY, migration_id varchar(255), applied_at_utc varchar(40))", [
        "'x', '0001_a', '2026-01-01 10:00:00'", "'y', '0002_b', '2026-01-02 10:00:00'"]),
}
PROVED = {"drizzle-0", "drizzle", "flyway", "prisma", "sqlx"}
HEADS = {"golang-migrate", "tern"}


def keep(db, table, rows):
    is_postgres = db.engine == "postgres"
    db.query(f"CREATE TABLE {table}".replace("{bytes}", "bytea" if is_postgres else "blob"))
    for row in rows:
        row = row.replace("{0}", "'\\x" if is_postgres else "x'").replace("{1}", "'")
        db.query(f"INSERT INTO {table.split(' ')[0]} VALUES ({row})")


def snapshot(db, table):
    columns = "version, description, success, execution_time" if "{bytes}" in table else "*"  # the clients print bytes as they are
    return db.query(f"SELECT {columns} FROM {table.split(' ')[0]}")


def made_by(db, tool):
    """A database in which the tool applied the first two."""
    keep(db, *TOOLS[tool][1:])
    for name in (A, B):
        db.query(FILES[name].rstrip(";\n"))


def known(engine):
    return [tool for tool, row in TOOLS.items() if engine in row[0]]


@pytest.mark.engines(*ALL)
def test_each_tool_is_recognised_and_what_it_applied_is_never_run_again(server, godwit, engine):
    for tool in known(engine):
        db = server.database()
        made_by(db, tool)
        before = snapshot(db, TOOLS[tool][1])
        godwit.folder(FILES)
        godwit.url = db.url
        told = godwit.run("adopt", "--pretend")
        if tool == "liquibase":  # its keys are no names of files: id and author
            told.expect(0, err_contains=["would take over 2 migrations of liquibase", "2 of liquibase's rows have no file here"])
            db.drop()
            continue
        told.expect(0, out_contains=["0001 a", "0002 b"], err_contains=f"would take over 2 migrations of {tool}")
        assert "0 attempts" in godwit.run("history").out, tool
        done = godwit.run("adopt")
        done.expect(0, out_contains="(adopted)", err_contains=f"took over 2 migrations of {tool}")
        if tool in PROVED:
            done.expect(0, err_contains=f"2 of them have the content that {tool} kept a hash of")
        if tool in HEADS:
            done.expect(0, err_contains=f"{tool} keeps only the newest version, 2: that the 1 before it were applied is assumed")
        godwit.run("status").expect(0, out_contains="2 applied, 1 pending")
        godwit.run("up").expect(0, out_contains="1 migration in")
        godwit.run("verify").expect(0)
        godwit.run("adopt").expect(2, err_contains=f"nothing to adopt: all that {tool} applied is in godwit's history already")
        assert snapshot(db, TOOLS[tool][1]) == before, f"{tool}: its table was written"
        db.drop()


@pytest.mark.engines("sqlite", "postgres")
def test_a_history_says_when_and_by_what(db, godwit):
    made_by(db, "diesel")
    godwit.folder(FILES)
    godwit.run("adopt").expect(0)
    rows = godwit.run("history", "--json").report["attempts"]
    assert [(r["version"], r["kind"], r["started_at"], r["applied_by"]) for r in rows] == [
        ("0001", "adopted", "2026-01-01 10:00:00.000", "diesel"), ("0002", "adopted", "2026-01-02 10:00:00.000", "diesel")]


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(("tool", "rows", "says"), [
    ("golang-migrate", ["2, true"], "golang-migrate stopped in 2"),
    ("flyway", ["1, '1', 'a', 'SQL', 'V1__a.sql', 1, 'u', '2026-01-01', 1, false"], "flyway stopped in 1"),
    ("prisma", ["'i', 'x', NULL, '0001_a', 'oh', NULL, '2026-01-01', 0"], "prisma stopped in 0001_a"),
    ("liquibase", ["'1', 'me', 'x', '2026-01-01', 1, 'FAILED', NULL"], "liquibase stopped in 1::me"),
])
def test_what_stopped_halfway_is_not_taken_over(db, godwit, tool, rows, says):
    keep(db, TOOLS[tool][1], rows)
    godwit.folder(FILES)
    godwit.run("adopt").expect(1, err_contains=[says, f"settle it with {tool}"])
    assert "0 attempts" in godwit.run("history").out


@pytest.mark.engines("sqlite")
def test_a_file_that_is_not_what_was_applied_is_named_with_both_hashes(db, godwit):
    made_by(db, "prisma")
    godwit.folder(FILES | {A: "CREATE TABLE other (n INTEGER);\n"})
    godwit.run("adopt").expect(3, err_contains=["migrations/0001_a.sql is not what prisma applied", f"recorded  {hashed('sha256', A)}", "--edited"])
    assert "0 attempts" in godwit.run("history").out
    godwit.run("adopt", "--edited").expect(0, err_contains="1 of them have the content")
    godwit.run("up").expect(0, out_contains="1 migration in")


@pytest.mark.engines("sqlite")
def test_rows_and_files_that_do_not_fit_are_told(db, godwit):
    keep(db, TOOLS["dbmate"][1], ["'0001'", "'0003'", "'0009'"])
    godwit.folder(FILES)
    godwit.run("adopt").expect(0, err_contains=["schema_migrations is dbmate's: it has the column version alone",
                                                "1 of dbmate's rows have no file here, 0009 the first",
                                                "migrations/0002_b.sql was never applied, though newer ones were: it stays pending"])
    godwit.run("verify").expect(3, err_contains="0002_b.sql is pending, and older than")
    godwit.run("up", "--out-of-order").expect(0, out_contains="applied 0002 b")


@pytest.mark.engines("sqlite")
def test_a_head_that_no_file_has_is_refused(db, godwit):
    keep(db, TOOLS["golang-migrate"][1], ["7, false"])
    godwit.folder(FILES)
    godwit.run("adopt").expect(3, err_contains=["golang-migrate is at 7, and migrations has no such migration", "--dir"])


@pytest.mark.engines("sqlite")
def test_two_histories_and_none(db, godwit):
    godwit.folder(FILES)
    db.query("CREATE TABLE x (n int)")
    godwit.run("adopt").expect(2, err_contains=["has no history of a tool that godwit knows", "baseline"])
    godwit.run("adopt", "--from", "goos").expect(2, err_contains="did you mean 'goose'?")
    made_by(db, "dbmate")
    keep(db, *TOOLS["yoyo"][1:])
    godwit.run("adopt").expect(2, err_contains=["the history of more than one tool", "dbmate: table", "yoyo: table", "--from "])
    godwit.run("adopt", "--from", "flyway").expect(2, err_contains="has no history of flyway")
    godwit.run("adopt", "--from", "yoyo").expect(0, err_contains="took over 2 migrations of yoyo")


@pytest.mark.engines("sqlite")
def test_rails_is_told_from_dbmate_by_its_other_table(db, godwit):
    made_by(db, "dbmate")
    db.query("CREATE TABLE ar_internal_metadata (k varchar(20))")
    godwit.folder(FILES)
    godwit.run("adopt").expect(0, err_contains=["took over 2 migrations of rails", "schema_migrations is rails's: ar_internal_metadata is beside it"])


@pytest.mark.engines(*ALL)
def test_a_tool_that_holds_its_lock_row_is_waited_for(db, godwit):
    keep(db, *TOOLS["yoyo"][1:])
    keep(db, "yoyo_lock (locked int, ctime varchar(40), pid int)", ["1, '2026-01-01', 4711"])
    godwit.folder(FILES)
    godwit.run("adopt").expect(5, err_contains=["yoyo is at work", "process:4711"])
    db.query("DELETE FROM yoyo_lock")
    godwit.run("adopt").expect(0)


@contextlib.contextmanager
def held(db, engine, *keys):
    """Another session that has these locks, until it is ended."""
    get, wait, end = {"postgres": ("pg_advisory_lock", "pg_sleep(60)", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                             "WHERE datname = current_database() AND query LIKE '{}%'"),
                      "mysql": ("GET_LOCK", "SLEEP(60)", None), "mariadb": ("GET_LOCK", "SLEEP(60)", None)}[engine]
    calls = [f"{get}({key})" if engine == "postgres" else f"{get}('{key}', 0)" for key in keys]
    question = f"SELECT {', '.join(calls)}, {wait}"

    def hold():
        with contextlib.suppress(servers.ServerError):  # it is ended
            db.query(question)

    holder = threading.Thread(target=hold)
    holder.start()
    begins = f"SELECT {get}("
    eventually(lambda: db.executes(begins.replace("_", "\\_")), what="the locks")
    try:
        yield
    finally:
        if end:
            db.query(end.format(begins))
        else:
            for row in db.query(f"SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '{begins}%'"):
                db.query(f"KILL {row[0]}")
        holder.join()


def java_hash(text):
    value = 0
    for one in text:
        value = (value * 31 + ord(one)) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def crc32(text):
    return zlib.crc32(text.encode())


def locks_of(engine, name):
    """Each tool's lock, as its source has it, and not as godwit has it."""
    if engine == "postgres":
        return {"atlas": 2686470616, "flyway": 77431708279161 + java_hash('"public"."flyway_schema_history"'),
                "golang-migrate": crc32(f"public\0schema_migrations\0/{name}") * 1486364155 & 0xFFFFFFFF, "goose": 4097083626,
                "prisma": 72707369, "sqlx": 0x3D32AD9E * crc32(name), "tern": 9628173550095224, "node-pg-migrate": 7241865325823964}
    return {"atlas": "atlas_migrate_execute", "flyway": f"Flyway-{java_hash(f'`{name}`.`flyway_schema_history`')}",
            "golang-migrate": crc32(f"{name}:schema_migrations") * 1486364155 & 0xFFFFFFFF, "prisma": "prisma_migrate",
            "sqlx": f"{0x3D32AD9E * crc32(name):x}"}


@pytest.mark.engines("postgres", "mysql", "mariadb")
def test_a_tool_that_holds_its_lock_is_at_work(launch, godwit, engine):
    db = launch(engine).database()  # some are names of the whole server
    godwit.url = db.url
    locks = locks_of(engine, db.name)
    for tool in locks:
        keep(db, *TOOLS[tool][1:])
    godwit.folder(FILES)
    with held(db, engine, *locks.values()):
        for tool in locks:
            said = godwit.run("adopt", "--from", tool)
            said.expect(5, err_contains=[f"{tool} is at work: ", "holds its lock", "pid " if engine == "postgres" else "connection "])
        godwit.run("adopt", "--pretend", "--from", "flyway").expect(5, err_contains="flyway is at work")
    assert "0 attempts" in godwit.run("history").out
    godwit.run("adopt", "--pretend", "--from", "flyway").expect(0)
    for tool in locks:
        assert godwit.run("adopt", "--edited", "--from", tool).rc in (0, 2), "the first takes all, the others find nothing new"


@pytest.mark.engines("postgres", "mysql", "mariadb")
def test_rails_has_a_lock_of_its_database(db, godwit, engine):
    keep(db, "schema_migrations (version varchar(255) PRIMARY KEY)", ["'0001'"])
    db.query("CREATE TABLE ar_internal_metadata (k varchar(20))")
    godwit.folder(FILES)
    with held(db, engine, 2053462845 * crc32(db.name)):
        godwit.run("adopt").expect(5, err_contains="rails is at work: ")
    godwit.run("adopt").expect(0)


@pytest.mark.engines("postgres")
def test_behind_a_pooler_the_lock_is_only_looked_at(db, godwit, engine, pgbouncer):
    """A lock that is taken there stays on the server, with nobody to give it back."""
    keep(db, *TOOLS["tern"][1:])
    godwit.folder(FILES)
    godwit.url = pgbouncer.url(db.name)
    with held(db, engine, 9628173550095224):
        godwit.run("adopt").expect(5, err_contains=["tern is at work: ", "pid "])
    godwit.run("adopt").expect(0, err_contains="took over 2 migrations of tern")
    assert db.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == []


@pytest.mark.engines("postgres", "mysql", "mariadb")
def test_the_lock_is_godwits_while_it_adopts(db, godwit, engine):
    """A tool that begins meanwhile waits: a trigger holds the adoption up, and the lock is seen to be taken."""
    keep(db, *TOOLS["flyway"][1:])
    godwit.folder(FILES)
    godwit.run("up", "--steps", "1").expect(0)
    key = locks_of(engine, db.name)["flyway"]
    is_held = (f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND ((classid::bigint << 32) | objid::bigint) = {key}" if engine == "postgres"
               else f"SELECT 1 FROM (SELECT 1) x WHERE IS_USED_LOCK('{key}') IS NOT NULL")
    if engine == "postgres":
        db.query("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3); RETURN NEW; END'")
        db.query("CREATE TRIGGER slow BEFORE INSERT ON godwit_history FOR EACH ROW EXECUTE FUNCTION slow()")
    else:
        db.query("CREATE TRIGGER slow BEFORE INSERT ON godwit_history FOR EACH ROW DO SLEEP(3)")
    running = godwit.start("adopt", "--edited")
    eventually(lambda: db.query(is_held), what="the tool's lock")
    running.end().expect(0)
    assert not db.query(is_held)


PLAN = """%syntax-version=1.0.0
%project=shop

users 2026-01-01T10:00:00Z A Tester <tester@example.org> # Adds users.
"""


@pytest.mark.engines("postgres", "mysql", "mariadb")
def test_other_projects_of_sqitch_are_left_out(launch, godwit, engine):
    server = launch(engine)  # of MySQL it has one registry a server
    db = server.database()
    godwit.url = db.url
    create = "CREATE SCHEMA sqitch" if engine == "postgres" else "CREATE DATABASE sqitch"
    text = "CREATE TABLE users (id INTEGER);\n"
    proof = hashlib.sha1(text.encode()).hexdigest()
    db.query(create)
    db.query("CREATE TABLE sqitch.changes (change_id varchar(40), script_hash varchar(40), `change` varchar(100), project varchar(100), note text, "
             "committed_at timestamp, planned_at varchar(40))".replace("`", "" if engine == "postgres" else "`"))
    for number, (change, project, sha) in enumerate((("users", "shop", proof), ("users", "billing", "0" * 40), ("bills", "billing", "0" * 40))):
        db.query(f"INSERT INTO sqitch.changes VALUES ('{number}', '{sha}', '{change}', '{project}', '', '2026-01-01 10:00:0{number}', 'x')")
    godwit.folder({"sqitch.plan": PLAN, "deploy/users.sql": text}, ".")
    with held(db, engine, "75474063" if engine == "postgres" else f"sqitch working on {db.name}"):
        godwit.run("--dir", ".", "adopt").expect(5, err_contains="sqitch is at work")
    godwit.run("--dir", ".", "adopt").expect(0, err_lacks="no file here", err_contains=[
        "took over 1 migration of sqitch", "1 of them have the content", "2 of sqitch's rows are of another project, billing: they are left out"])
    godwit.run("--dir", ".", "status", "--exit-code").expect(0, out_contains="1 applied, 0 pending")


@pytest.mark.engines("sqlite")
def test_a_file_of_sqitch_that_cannot_be_read_is_named(db, godwit):
    """And not taken for the database, which is in order. In a folder of its own: others' databases stand beside db."""
    godwit.url = "sqlite:app.db"
    sqlite3.connect(godwit.cwd / "app.db").execute("CREATE TABLE a (n INTEGER)")
    godwit.write("sqitch.db", "something else, and longer than sixteen bytes\n" * 20)
    godwit.folder(FILES)
    godwit.run("adopt").expect(1, err_contains=["file is not a database", f"while attaching {godwit.cwd.resolve()}/sqitch.db"])


@pytest.mark.engines("postgres")
def test_histories_in_schemas_of_their_own_are_found(db, godwit):
    for schema, table, row in (("graphile_migrate", "migrations (hash text, previous_hash text, filename text, date timestamptz)", None),
                               ("sqitch", "changes (change_id text, script_hash text, change text, project text, note text, "
                                          "committed_at timestamptz, planned_at timestamptz)",
                                f"'x', '{hashed('sha1', A)}', '0001_a', 'p', '', '2026-01-01 12:00:00+02', now()")):
        db.query(f"CREATE SCHEMA {schema}")
        db.query(f"CREATE TABLE {schema}.{table}")
        if row:
            db.query(f"INSERT INTO {schema}.{table.split(' ')[0]} VALUES ({row})")
    godwit.folder(FILES)
    godwit.run("adopt", "--from", "sqitch").expect(0, out_contains="0001 a", err_contains=["(table sqitch.changes)", "1 of them have the content"])
    assert godwit.run("history", "--json").report["attempts"][0]["started_at"] == "2026-01-01 10:00:00.000"
    godwit.run("adopt", "--from", "graphile-migrate").expect(2, err_contains="nothing to adopt")


@pytest.mark.engines("postgres")
def test_a_file_of_graphile_migrate_is_found_by_its_number(db, godwit):
    text = "CREATE TABLE a (n INTEGER);"
    proof = "sha1:" + hashlib.sha1(f"{text}\n".encode()).hexdigest()
    db.query("CREATE SCHEMA graphile_migrate")
    db.query("CREATE TABLE graphile_migrate.migrations (hash text, previous_hash text, filename text, date timestamptz)")
    db.query(f"INSERT INTO graphile_migrate.migrations VALUES ('{proof}', NULL, '000001.sql', now())")
    godwit.folder({"committed/000001-make-a.sql": f"--! Previous: -\n--! Hash: {proof}\n--! Message: make a\n\n{text}\n"})
    godwit.run("adopt").expect(0, err_contains="1 of them have the content that graphile-migrate kept a hash of", err_lacks="no file here")
    godwit.run("status").expect(0, out_contains="1 applied, 0 pending")


@pytest.mark.engines(*ALL)
def test_changesets_of_liquibase_are_found_by_id_and_author(db, godwit):
    sum9, sum8 = f"9:{md5('9:' + md5('CREATETABLEa(nINTEGER);') + ':')}", "8:0123456789abcdef0123456789abcdef"
    keep(db, f"DATABASECHANGELOG ({LIQUIBASE})", [
        f"'a', 'me', 'db/changelog.sql', '2026-01-01 10:00:00', 1, 'EXECUTED', '{sum9}'",
        f"'o', 'me', 'db/changelog.sql', '2026-01-01 10:00:00', 1, 'EXECUTED', '{sum8}'"])
    text = ("--liquibase formatted sql\n\n--changeset me:a\nCREATE TABLE a (n INTEGER);\n\n--changeset me:o\nCREATE TABLE o (n INTEGER);\n"
            "\n--changeset me:b\nCREATE TABLE b (n INTEGER);\n")
    godwit.folder({"changelog.sql": text.replace("a (n INTEGER)", "a (m INTEGER)")})
    godwit.run("adopt").expect(3, err_contains=["migrations/changelog.sql is not what liquibase applied", f"recorded  {sum9}"])
    godwit.folder({"changelog.sql": text})
    godwit.run("adopt").expect(0, out_contains="changelog.sql::a::me", err_lacks="no file here", err_contains=[
        "1 of them have the content that liquibase kept a hash of", "of 1 of them liquibase kept no hash that godwit can compare"])
    godwit.run("up").expect(0, out_contains="1 migration in")
