"""What bad input gets: one clear error with place, cause and next step, the documented exit code, and an untouched database."""
import os
import pathlib
import signal
import socket
import subprocess
import threading

import pytest

import servers
from godwit import Godwit, eventually

# Most bad input is the same for every engine, and two stand for all; tests that differ say theirs.
pytestmark = pytest.mark.engines("sqlite", "postgres")
THREE_SERVERS = pytest.mark.engines("postgres", "mariadb", "mysql")
ALL = pytest.mark.engines(*servers.ENGINES)

GOOD = {"0001_a.sql": "CREATE TABLE a (id INTEGER);\n"}
SLEEP = {"postgres": "SELECT pg_sleep(30)", "mysql": "DO SLEEP(30)", "mariadb": "DO SLEEP(30)",
         "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c WHERE n < 9000000000"}


# ---- the folder ----


@pytest.mark.parametrize("files, rc, says", [
    ({"0001_a.sql": ""}, 3, ["migrations/0001_a.sql", "is empty", "hint:"]),
    ({"0001_a.sql": " \n\t\n"}, 3, ["migrations/0001_a.sql", "is empty"]),
    ({"0001_a.sql": "-- nothing\n/* here */\n"}, 3, ["migrations/0001_a.sql", "only comments", "--empty"]),
    ({"0001_a.sql": "SELECT 1;", "0001_b.sql": "SELECT 2;"}, 3, ["0001_a.sql", "0001_b.sql"]),
    ({"0001_a.sql": "SELECT 1;", "0003_c.sql": "SELECT 3;"}, 3, ["0001_a.sql", "0003_c.sql", "missing", "gaps"]),
    ({"1_a.sql": "SELECT 1;", "2_b.sql": "SELECT 2;", "10_c.sql": "SELECT 3;"}, 3, ["10_c.sql", "order"]),
    ({"0001_a.sql": "SELECT 1;", "notes.sql": "SELECT 1;"}, 3, ["notes.sql"]),
    ({"0001_a.sql": "SELECT 1;", "0002_b_down.sql": "SELECT 1;"}, 3, ["0002_b_down.sql"]),
    ({"0001_a.sql": "SELECT 1;", "0002_b.up.sql": "SELECT 1;"}, 3, ["0001_a.sql", "0002_b.up.sql", "layout"]),
    ({"0001-a.sql": "SELECT 1;"}, 3, ["0001-a.sql"]),
])
def test_a_folder_that_is_no_folder_of_migrations_is_refused_by_name(server, godwit, files, rc, says):
    database = server.database()
    godwit.url = database.url
    godwit.folder(files)
    godwit.run("up").expect(rc, err_contains=["error: ", *says])
    assert database.tables() == []
    database.drop()


def test_a_missing_folder_is_named(db, godwit):
    godwit.run("up", "--dir", "nowhere/here").expect(7, err_contains=["nowhere/here", "hint:"])
    assert db.tables() == []


def test_an_unreadable_file_is_named(db, godwit):
    folder = godwit.folder(GOOD)
    os.symlink("/nonexistent/file", folder / "0002_b.sql")
    godwit.run("up").expect(7, err_contains=["migrations/0002_b.sql", "No such file"])
    assert db.tables() == []


@pytest.mark.parametrize("text, place, says", [
    ("SELECT 1;\nSELECT 'open;\n", "2:8", "string"),
    ("SELECT 1; /* never closed\n", "1:11", "comment"),
    ('SELECT 1;\n\nSELECT "open;\n', "3:8", ""),
    ("SELECT 1;\nSELECT \0;\n", "2:8", "zero byte"),
    (b"SELECT 1;\nSELECT '\xff';\n", "2:9", "UTF-8"),
    ("SELECT\u00a01;\n", "1:7", "no-break space"),
    ("-- godwit:sleep 3\nSELECT 1;\n", "1:", "sleep"),
    ("-- godwit:timeout soon\nSELECT 1;\n", "1:", "soon"),
    ("BEGIN;\nSELECT 1;\n", "1:1", "COMMIT"),
    ("SELECT 1;\nROLLBACK;\n", "2:1", "ROLLBACK"),
])
def test_text_that_cannot_be_read_is_refused_with_its_place(db, godwit, text, place, says):
    godwit.folder({**GOOD, "0002_bad.sql": text})
    godwit.run("up").expect(3, err_contains=[f"error: migrations/0002_bad.sql:{place}", says])
    assert db.tables() == []


def test_unterminated_dollar_body_begin_atomic_and_client_commands(postgres, godwit):
    database = postgres.database()
    godwit.url = database.url
    for text, place, says in (("SELECT 1;\nSELECT $x$ open $y$;\n", "2:8", "$x$"),
                              ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;\n", "1:", "BEGIN"),
                              ("SELECT 1;\n\\i other.sql\n", "2:1", "\\i")):
        godwit.folder({"0001_bad.sql": text})
        godwit.run("up").expect(3, err_contains=[f"error: migrations/0001_bad.sql:{place}", says])
    assert database.tables() == []
    database.drop()


def test_unterminated_body_of_a_procedure(mariadb, godwit):
    database = mariadb.database()
    godwit.url = database.url
    godwit.folder({"0001_bad.sql": "SELECT 1;\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\n"})
    godwit.run("up").expect(3, err_contains=["error: migrations/0001_bad.sql:", "BEGIN"])
    assert database.tables() == []
    database.drop()


def test_an_edited_applied_file_stops_the_run_and_shows_both_checksums(db, godwit):
    folder = godwit.folder(GOOD)
    godwit.run("up").expect(0)
    recorded = db.value("SELECT checksum FROM godwit_history")
    (folder / "0001_a.sql").write_text("CREATE TABLE a (id BIGINT);\n")
    godwit.folder({"0002_b.sql": "CREATE TABLE b (id INTEGER);\n"})
    before = db.dump(data=True)
    refused = godwit.run("up").expect(3, err_contains=["migrations/0001_a.sql was edited", recorded, "hint:"])
    import hashlib
    assert hashlib.sha256(b"CREATE TABLE a (id BIGINT);\n").hexdigest() in refused.err
    godwit.run("verify").expect(3, err_contains="was edited")
    godwit.run("status", "--exit-code").expect(6, out_contains="edited since")
    assert db.dump(data=True) == before


def test_an_applied_file_that_is_gone_stops_the_run(db, godwit):
    folder = godwit.folder({**GOOD, "0002_b.sql": "CREATE TABLE b (id INTEGER);\n"})
    godwit.run("up").expect(0)
    (folder / "0001_a.sql").unlink()
    godwit.folder({"0003_c.sql": "CREATE TABLE c (id INTEGER);\n"})
    godwit.run("up").expect(3, err_contains=["0001 a", "is gone", "hint:"])
    godwit.run("status").expect(0, out_contains="file is gone")
    assert "c" not in db.tables()


# ---- usage ----


@pytest.mark.parametrize("args, says", [
    (["upp"], ["there is no command 'upp'", "did you mean 'up'?"]),
    (["up", "--stepz", "1"], ["--stepz", "did you mean --steps?"]),
    (["up", "--steps", "many"], ["--steps needs a number", "many"]),
    (["up", "--steps"], ["--steps needs a value"]),
    (["up", "1", "2"], ["one word too many"]),
    (["up", "--password", "x"], ["process list", "GODWIT_PASSWORD"]),
    (["new"], ["new needs NAME"]),
    (["db"], ["db create, db drop, db reset or db wait"]),
    (["completion", "tcsh"], ["tcsh", "bash, zsh or fish"]),
    (["lock", "steal"], ["status and release"]),
    (["up", "--lock-wait", "soon"], ["soon"]),
    (["new", "x", "--pattern", "add-tabel"], ["add-tabel", "add-table"]),
])
def test_wrong_usage_is_explained(tmp_path, args, says):
    godwit = Godwit(tmp_path, "sqlite:app.db")
    godwit.folder(GOOD)
    godwit.run(*args).expect(2, err_contains=["error: ", *says])
    assert not (tmp_path / "app.db").exists()


@pytest.mark.parametrize("url, says", [
    ("oracle://u@h/d", ["unknown database scheme 'oracle'", "sqlite:"]),
    ("app.db", ["hint:"]),
    ("postgres://u@h:70000/d", ["port"]),
    ("postgres://u@h/d?sslmod=disable", ["sslmod", "sslmode"]),
    ("mysql://u@127.0.0.1/d?sslmod=disable", ["sslmod"]),
    ("sqlite:app.db?modus=ro", ["modus"]),
    ("mysql://u@127.0.0.1/", ["database"]),
])
def test_a_wrong_url_is_explained(tmp_path, url, says):
    godwit = Godwit(tmp_path, url)
    godwit.folder(GOOD)
    godwit.run("up", env={"GODWIT_CONNECT_TRIES": "0"}).expect(2, err_contains=["error: ", *says])


def test_no_url_says_the_ways_to_give_one(tmp_path):
    godwit = Godwit(tmp_path)
    godwit.folder(GOOD)
    godwit.run("up").expect(2, err_contains=["DATABASE_URL", "--url"])


# ---- connecting ----

@THREE_SERVERS
def test_a_wrong_password_fails_at_once_and_does_not_show_it(server, godwit):
    godwit.folder(GOOD)
    godwit.url = server.url("x", password="wr0ng-s3cret")
    refused = godwit.run("up").expect(4, err_contains=["error: ", server.user], err_lacks=["wr0ng-s3cret"], out_lacks=["wr0ng-s3cret"])
    assert refused.seconds < 5


@THREE_SERVERS
def test_a_host_that_is_down_is_tried_again_and_named(server, godwit):
    godwit.folder(GOOD)
    godwit.url = server.url("x", port=servers.free_port())
    env = {"GODWIT_CONNECT_TRIES": "2", "GODWIT_CONNECT_BACKOFF": "100ms"}
    down = godwit.run("up", env=env).expect(4, err_contains=["error: ", "127.0.0.1", "trying again in 100 ms"])
    assert 0.3 <= down.seconds < 10


@THREE_SERVERS
def test_a_server_that_does_not_answer_runs_into_the_connect_timeout(server, godwit):
    godwit.folder(GOOD)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        godwit.url = server.url("x", port=silent.getsockname()[1])
        slow = godwit.run("up", env={"GODWIT_CONNECT_TRIES": "0", "GODWIT_CONNECT_TIMEOUT": "1s"}).expect(4, err_contains="error: ")
    assert slow.seconds < 6


@THREE_SERVERS
def test_a_missing_database_says_how_to_make_it(server, godwit):
    godwit.folder(GOOD)
    absent = server.database(create=False)
    godwit.url = absent.url
    godwit.run("up").expect(4, err_contains=[absent.name, "godwit db create", "--create"])
    assert not absent.exists()


@THREE_SERVERS
def test_another_host_needs_verified_tls_and_the_error_says_how_to_say_otherwise(server, godwit):
    godwit.folder(GOOD)
    database = server.database()
    godwit.url = server.url(database.name, host=servers.remote_host())
    godwit.run("status", env={"GODWIT_CONNECT_TRIES": "0"}).expect(4, err_contains=["hint:", "sslmode"])
    godwit.url = server.url(database.name, host=servers.remote_host(), sslmode="verify-full", sslrootcert=server.ca)
    godwit.run("status").expect(0)
    godwit.url = server.url(database.name, host=servers.remote_host(), sslmode="require")
    godwit.run("status").expect(0)
    database.drop()


@THREE_SERVERS
def test_a_server_without_tls_is_refused_when_it_is_another_host(launch, godwit, engine):
    server = launch(engine, tls=False)
    database = server.database()
    godwit.folder(GOOD)
    godwit.url = server.url(database.name, host=servers.remote_host())
    godwit.run("status", env={"GODWIT_CONNECT_TRIES": "0"}).expect(4, err_contains=["hint:", "sslmode=disable"])
    godwit.url = server.url(database.name, host=servers.remote_host(), sslmode="disable")
    godwit.run("status").expect(0)


# ---- privileges, read-only, other history tables ----


@THREE_SERVERS
def test_no_privilege_to_create_the_history_is_said_so(server, godwit, engine):
    godwit.folder(GOOD)
    database = server.database()
    name = f"u_{database.name}"
    server.create_user(name, "pw")
    if engine == "postgres":
        database.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    else:
        server.query(f"GRANT SELECT ON `{database.name}`.* TO '{name}'@'%'")
    godwit.url = server.url(database.name, user=name, password="pw")
    refused = godwit.run("up")
    assert refused.rc in (1, 4) and "godwit_history" in refused.err and "hint:" in refused.err, refused
    assert database.tables() == []
    if engine == "postgres":
        database.drop()
        server.drop_user(name)
    else:
        server.drop_user(name)
        database.drop()


@THREE_SERVERS
def test_a_read_only_server_is_named(launch, godwit, engine):
    server = launch(engine, settings={"default_transaction_read_only": "on"} if engine == "postgres" else {})
    database = server.database(create=False)
    if engine == "postgres":
        server.query(f"BEGIN; SET TRANSACTION READ WRITE; SELECT 1")
        subprocess.run(["true"], check=True)
        server._client("psql", "-X", "-q", "-d", "postgres", "-c", "SET default_transaction_read_only = off", "-c",
                       f'CREATE DATABASE "{database.name}" TEMPLATE template0')
    else:
        server.create(database.name)
        server.create_user("app", "pw")
        server.query(f"GRANT ALL ON `{database.name}`.* TO 'app'@'%'")
        server.query("SET GLOBAL read_only = 1")
    godwit.folder(GOOD)
    godwit.url = server.url(database.name) if engine == "postgres" else server.url(database.name, user="app", password="pw")
    refused = godwit.run("up").expect(1, err_contains=["error: "])
    assert "read-only" in refused.err or "read only" in refused.err, refused
    godwit.run("status").expect(0, out_contains="1 pending")


def test_a_history_table_of_a_newer_version_is_left_alone(db, godwit):
    godwit.folder(GOOD)
    godwit.run("up").expect(0)
    db.query("UPDATE godwit_history SET state = 'paused', tool = '9.1.0'")
    before = db.dump(data=True)
    godwit.run("up").expect(3, err_contains=["godwit_history", "paused", "9.1.0", "hint:"])
    godwit.run("status").expect(3)
    assert db.dump(data=True) == before


def test_a_table_of_that_name_that_is_something_else_is_left_alone(db, godwit):
    godwit.folder(GOOD)
    db.query("CREATE TABLE godwit_history (id INTEGER, note VARCHAR(10))")
    godwit.run("up").expect(3, err_contains=["godwit_history", "version", "history"])
    assert db.tables() == ["godwit_history"]
    godwit.run("up", "--history", "other_history").expect(0)
    assert "other_history" in db.tables()


# ---- time-outs, interrupts, lost connections, a second runner ----

@ALL
def test_a_statement_timeout_names_itself_and_keeps_nothing(db, godwit, engine):
    godwit.folder({"0001_slow.sql": f"INSERT INTO seen VALUES (1);\n{SLEEP[engine]};\n"})
    db.query("CREATE TABLE seen (id INTEGER)")
    late = godwit.run("up", "--statement-timeout", "300ms").expect(
        1, err_contains=["migrations/0001_slow.sql:2:1", "cancelled after 300 ms", "statement_timeout", "statement 2 of 2"])
    assert late.seconds < 10
    assert db.query("SELECT id FROM seen") == []


@ALL
def test_a_migration_timeout_and_its_directive(db, godwit, engine):
    godwit.folder({"0001_slow.sql": f"-- godwit:timeout 300ms\n{SLEEP[engine]};\n"})
    godwit.run("up").expect(1, err_contains=["cancelled after 300 ms", "timeout"])
    godwit.folder({"0001_slow.sql": f"{SLEEP[engine]};\n"})
    godwit.run("up", env={"MIGRATION_TIMEOUT": "1"}).expect(1, err_contains=["cancelled after 1 s"])
    godwit.run("up", "--run-timeout", "300ms").expect(1, err_contains=["cancelled after 300 ms", "run_timeout"])


@ALL
def test_an_interrupt_cancels_the_statement_and_keeps_nothing(db, godwit, engine):
    godwit.folder(GOOD)
    godwit.run("up").expect(0)
    godwit.folder({"0002_slow.sql": f"INSERT INTO a VALUES (1);\n{SLEEP[engine]};\n"})
    run = godwit.start("up")
    eventually(lambda: db.executes(SLEEP[engine]), what="the statement")
    run.signal(signal.SIGINT)
    ended = run.end(15).expect(130, err_contains=["interrupted", "0002_slow.sql:2:1"])
    assert ended.seconds < 15
    assert db.query("SELECT id FROM a") == []
    if engine != "sqlite":
        godwit.run("lock").expect(0, out_contains="free")
    godwit.run("status").expect(0, out_contains="1 applied, 1 pending")


@THREE_SERVERS
def test_a_lock_timeout_names_the_statement(db, godwit, engine):
    db.query("CREATE TABLE busy (id INTEGER)")
    godwit.folder({"0001_alter.sql": "ALTER TABLE busy ADD COLUMN note VARCHAR(10);\n"})
    hold = {"postgres": "BEGIN; LOCK TABLE busy; SELECT pg_sleep(8)",
            "mysql": "START TRANSACTION; SELECT * FROM busy; DO SLEEP(8)",
            "mariadb": "START TRANSACTION; SELECT * FROM busy; DO SLEEP(8)"}[engine]
    holder = threading.Thread(target=lambda: db.query(hold), daemon=True)
    holder.start()
    if engine == "postgres":
        held = "SELECT 1 FROM pg_locks WHERE relation = 'busy'::regclass AND mode = 'AccessExclusiveLock' AND granted"
        eventually(lambda: db.query(held), what="the holder")
    else:
        eventually(lambda: db.executes("DO SLEEP(8)"), what="the holder")
    godwit.run("up", "--lock-timeout", "1s").expect(1, err_contains=["migrations/0001_alter.sql:1:1", "lock", "while applying 0001 alter"])
    holder.join()
    godwit.run("up").expect(0)


@THREE_SERVERS
def test_a_connection_that_is_lost_in_a_statement_is_told(db, godwit, engine):
    godwit.folder({"0001_slow.sql": f"{SLEEP[engine]};\n"})
    run = godwit.start("up", "--retries", "0")
    if engine == "postgres":
        find = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%' AND datname = current_database()"
        pid = eventually(lambda: db.value(find), what="the statement")
        db.query(f"SELECT pg_terminate_backend({pid})")
    else:
        find = f"SELECT id FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%' AND db = '{db.name}'"
        pid = eventually(lambda: db.value(find), what="the statement")
        db.query(f"KILL CONNECTION {pid}")
    ended = run.end(20)
    assert ended.rc in (1, 4) and "0001_slow.sql:1:1" in ended.err, ended
    godwit.run("status").expect(0, out_contains="0 applied, 1 pending" if engine == "postgres" else "0 applied")


@ALL
def test_two_runners_apply_everything_once(db, godwit, engine):
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id INTEGER);\n", "0002_b.sql": "INSERT INTO a VALUES (1);\n",
                   "0003_c.sql": "CREATE TABLE c (id INTEGER);\n", "0004_d.sql": "INSERT INTO a VALUES (2);\n"})
    if engine == "sqlite":
        godwit.run("db", "create").expect(0)
    runs = [godwit.start("up", "--lock-poll", "100ms") for _ in range(4)]
    for run in runs:
        run.end(60).expect(0)
    assert sorted(str(row[0]) for row in db.query("SELECT id FROM a")) == ["1", "2"]
    assert len(db.query("SELECT id FROM godwit_history")) == 4


@THREE_SERVERS
def test_a_held_lock_ends_the_wait_with_exit_5_and_names_the_holder(db, godwit, engine):
    godwit.folder({"0001_slow.sql": f"{SLEEP[engine]};\n"})
    first = godwit.start("up", "--retries", "0")
    eventually(lambda: "held" in godwit.run("lock").out, what="the lock")
    godwit.run("up", "--lock-wait", "500ms", "--lock-poll", "100ms").expect(5, err_contains=["holds the lock", db.server.user, "hint:"])
    godwit.run("lock").expect(0, out_contains=["held by", db.server.user, "since"])
    godwit.run("lock", "release").expect(8, err_contains=["at work", "--force"])
    godwit.run("lock", "release", "--force").expect(0)
    assert first.end(20).rc in (1, 4)
    godwit.run("lock").expect(0, out_contains="free")


def test_a_second_sqlite_runner_waits_and_then_says_so(sqlite, tmp_path):
    database = sqlite.database()
    godwit = Godwit(tmp_path, database.url)
    godwit.folder({"0001_slow.sql": f"CREATE TABLE a (id INTEGER);\n{SLEEP['sqlite']};\n"})
    first = godwit.start("up")
    eventually(lambda: database.executes(SLEEP["sqlite"]), what="the statement")
    godwit.run("up", "--lock-wait", "500ms").expect(5, err_contains=["error: ", str(first.process.pid)])
    first.signal(signal.SIGTERM)
    first.end(15).expect(130)
    database.drop()


# ---- disks ----


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MiB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    image = tmp_path / "image"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount], check=True, capture_output=True)
    yield mount
    subprocess.run(["umount", "-l", mount], check=True)
    image.unlink(missing_ok=True)


def test_a_full_disk_is_named_and_nothing_is_kept(small_disk, tmp_path):
    godwit = Godwit(tmp_path, f"sqlite:{small_disk}/app.db")
    godwit.folder({**GOOD, "0002_fill.sql": "CREATE TABLE big (data BLOB);\nINSERT INTO big VALUES (zeroblob(3000000));\n"})
    godwit.run("up").expect(1, out_contains="applied 0001 a", err_contains=["0002_fill.sql:2:1", "full"])
    godwit.run("status").expect(0, out_contains="1 applied, 1 pending")


def test_a_full_standard_output_is_an_error(tmp_path):
    godwit = Godwit(tmp_path, "sqlite:app.db")
    godwit.folder(GOOD)
    godwit.run("up").expect(0)
    with open("/dev/full", "w") as full:
        done = subprocess.run([*godwit.command, "--url", "sqlite:app.db", "status"], cwd=tmp_path, stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 7 and "cannot write to standard output" in done.stderr


def test_a_file_that_is_no_database_is_refused(tmp_path):
    godwit = Godwit(tmp_path, "sqlite:app.db")
    godwit.folder(GOOD)
    (tmp_path / "app.db").write_text("this is not a database, only a text of some length\n" * 20)
    before = pathlib.Path(tmp_path, "app.db").read_bytes()
    refused = godwit.run("up")
    assert refused.rc in (1, 4) and "app.db" in refused.err, refused
    godwit.run("db", "drop", "--yes").expect(8)
    assert pathlib.Path(tmp_path, "app.db").read_bytes() == before


def test_a_file_of_somebody_else_where_sqlite_keeps_its_claim_is_named_and_stays(sqlite, tmp_path):
    godwit = Godwit(tmp_path, "sqlite:app.db")
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id INTEGER);\n", "0002_b.sql": "-- godwit:tx none\nCREATE TABLE b (id INTEGER);\nVACUUM;\n"})
    godwit.write("app.db-godwit", "mine\n")
    godwit.run("up", "1").expect(0)
    godwit.run("up").expect(8, err_contains=["app.db-godwit is not a file of godwit's", "hint: ", "move it away"])
    assert (tmp_path / "app.db-godwit").read_text() == "mine\n"
    godwit.run("status").expect(0, out_contains="1 applied, 1 pending")
    godwit.run("history").expect(0, out_lacks="0002")
    (tmp_path / "app.db-godwit").unlink()
    godwit.run("up").expect(0)
    assert not (tmp_path / "app.db-godwit").exists()
