"""Other tools' histories, taken over: the tables as each tool makes them, with what it would have written."""
import hashlib
import threading
import zlib

import pytest

from godwit import eventually

FILES = {f"{n:04}_{name}.sql": f"CREATE TABLE {name} (n INTEGER);\n" for n, name in ((1, "a"), (2, "b"), (3, "c"))}
A, B, C = FILES


def hashed(algorithm, name):
    return hashlib.new(algorithm, FILES[name].encode()).hexdigest()


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
        "'0001_a', 'me', 'x.sql', '2026-01-01 10:00:00', 1, 'EXECUTED', '9:x'", "'0002_b', 'me', 'x.sql', '2026-01-01 10:00:00', 2, 'RERAN', '9:x'",
        "'0003_c', 'me', 'x.sql', '2026-01-01 10:00:00', 3, 'SKIPPED', '9:x'"]),
    "node-pg-migrate": (("postgres",), "pgmigrations (id int PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)", [
        "1, '0001_a', '2026-01-01 10:00:00'", "2, '0002_b', '2026-01-01 10:00:00'"]),
    "prisma": (ALL, f"_prisma_migrations ({PRISMA})", [
        f"'i', '{hashed('sha256', A)}', '2026-01-01 10:00:01', '0001_a', NULL, NULL, '2026-01-01 10:00:00', 1",
        "'j', 'x', NULL, '0002_b', 'an error', '2026-01-01 11:00:01', '2026-01-01 11:00:00', 0",
        f"'k', '{hashed('sha256', B)}', '2026-01-01 12:00:01', '0002_b', NULL, NULL, '2026-01-01 12:00:00', 1"]),
    "sql-migrate": (ALL, "gorp_migrations (id varchar(255) PRIMARY KEY, applied_at timestamp)", [
        "'0001_a.sql', '2026-01-01 10:00:00'", "'0002_b.sql', '2026-01-01 10:00:00'"]),
    "tern": (("postgres",), "schema_version (version int NOT NULL)", ["2"]),
    "yoyo": (ALL, "_yoyo_migration (migration_hash varchar(64) PRIMARY KEY, migration_id varchar(255), applied_at_utc varchar(40))", [
        "'x', '0001_a', '2026-01-01 10:00:00'", "'y', '0002_b', '2026-01-02 10:00:00'"]),
}
PROVED = {"drizzle-0", "drizzle", "flyway", "prisma"}
HEADS = {"golang-migrate", "tern"}


def keep(db, table, rows):
    db.query(f"CREATE TABLE {table}")
    for row in rows:
        db.query(f"INSERT INTO {table.split(' ')[0]} VALUES ({row})")


def snapshot(db, table):
    return db.query(f"SELECT * FROM {table.split(' ')[0]}")


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
    ("atlas", ["'0001', 'a', 2, 1, 3, '2026-01-01', 5, 'oh', 'x', '', NULL, 'x'"], "atlas stopped in 0001"),
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


@pytest.mark.engines("postgres")
def test_a_tool_that_holds_its_advisory_lock_is_at_work(postgres, db, godwit):
    keep(db, *TOOLS["tern"][1:])
    godwit.folder(FILES)
    holder = threading.Thread(target=db.query, args=["SELECT pg_advisory_lock(9628173550095224), pg_sleep(8)"])
    holder.start()
    eventually(lambda: db.executes("SELECT pg_advisory_lock(9628173550095224), pg_sleep"), what="the lock")
    godwit.run("adopt").expect(5, err_contains="tern is at work: it holds its lock")
    holder.join()
    godwit.run("adopt").expect(0)


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
    keep(db, f"DATABASECHANGELOG ({LIQUIBASE})", ["'a', 'me', 'db/changelog.sql', '2026-01-01 10:00:00', 1, 'EXECUTED', '9:x'"])
    godwit.folder({"changelog.sql": "--liquibase formatted sql\n\n--changeset me:a\nCREATE TABLE a (n INTEGER);\n"
                                    "\n--changeset me:b\nCREATE TABLE b (n INTEGER);\n"})
    godwit.run("adopt").expect(0, out_contains="changelog.sql::a::me", err_lacks="no file here")
    godwit.run("up").expect(0, out_contains="1 migration in")
