"""The main job: a folder of SQL files is applied, in order, once, recorded, visible and reversible."""
import contextlib
import json
import os
import pathlib
import sqlite3
import threading

import pytest

from godwit import eventually

THREE = {
    "0001_users.sql": "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL);\n",
    "0001_users_down.sql": "DROP TABLE users;\n",
    "0002_posts.sql": "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, title VARCHAR(80));\n"
                      "CREATE INDEX posts_user ON posts (user_id);\n",
    "0002_posts.down.sql": "DROP TABLE posts;\n",
    "0003_fill.sql": "INSERT INTO users VALUES (1, 'Ada; Countess');\nINSERT INTO users VALUES (2, 'Zoë');\n",
    "0003_fill_down.sql": "DELETE FROM users WHERE id IN (1, 2);\n",
}


def history(db, columns):
    return db.query(f"SELECT {columns} FROM godwit_history ORDER BY id")


def texts(rows):
    return [tuple(str(value) for value in row) for row in rows]


def test_up_applies_in_order_records_and_skips_what_is_applied(db, godwit):
    godwit.folder(THREE)
    first = godwit.run("up")
    first.expect(0, out_contains=["applied 0001 users", "applied 0002 posts", "applied 0003 fill", "3 migrations in"])
    assert first.out.index("0001 users") < first.out.index("0002 posts") < first.out.index("0003 fill")
    assert texts(db.query("SELECT id, name FROM users ORDER BY id")) == [("1", "Ada; Countess"), ("2", "Zoë")]
    assert texts(history(db, "version, name, direction, state, statements, done")) == [
        ("0001", "users", "up", "applied", "1", "1"), ("0002", "posts", "up", "applied", "2", "2"),
        ("0003", "fill", "up", "applied", "2", "2")]
    godwit.run("migrate").expect(0, out_contains="nothing to do")
    assert len(history(db, "id")) == 3


def test_the_history_holds_the_sha256_of_the_file(db, godwit):
    import hashlib
    godwit.folder(THREE)
    godwit.run("up").expect(0)
    rows = history(db, "checksum")
    assert [row[0] for row in rows] == [hashlib.sha256(THREE[name].encode()).hexdigest()
                                        for name in ("0001_users.sql", "0002_posts.sql", "0003_fill.sql")]


def test_up_stops_at_a_target_and_after_steps(db, godwit):
    godwit.folder(THREE)
    godwit.run("up", "--steps", 1).expect(0, out_contains="1 migration in", out_lacks="0002")
    godwit.run("up", "2").expect(0, out_contains="0002 posts", out_lacks="0003")
    godwit.run("up", "9").expect(2, err_contains="9")
    godwit.run("status").expect(0, out_contains=["applied", "pending", "2 applied, 1 pending"])


def test_pretend_writes_nothing_not_even_a_table(db, godwit):
    godwit.folder(THREE)
    godwit.run("up", "--pretend").expect(0, out_contains=["would apply 0001 users", "would apply 0003 fill"])
    assert db.tables() == []
    godwit.run("up").expect(0)
    before = db.dump(data=True)
    godwit.run("down", "0", "--pretend").expect(0, out_contains=["would revert 0003 fill", "would revert 0001 users"])
    godwit.run("redo", "--pretend").expect(0, out_contains="would revert 0003 fill")
    assert db.dump(data=True) == before


def test_status_history_and_verify_write_nothing(db, godwit):
    godwit.folder(THREE)
    godwit.run("status").expect(0, out_contains="0 applied, 3 pending")
    godwit.run("history").expect(0, out_contains="0 attempts")
    godwit.run("verify").expect(0)
    godwit.run("lock").expect(0, out_contains="free")
    assert db.tables() == []


def test_status_pretend_and_verify_work_when_the_database_does_not_exist(server, godwit, engine):
    absent = server.database(create=False)
    godwit.url = absent.url
    godwit.folder(THREE)
    godwit.run("status").expect(0, out_contains="3 pending")
    godwit.run("up", "--pretend").expect(0, out_contains="would apply 0001 users")
    godwit.run("verify").expect(0)
    assert not absent.exists()


def test_down_reverts_the_newest_or_everything_newer_than_a_target(db, godwit):
    godwit.folder(THREE)
    godwit.run("up").expect(0)
    godwit.run("down").expect(0, out_contains="reverted 0003 fill")
    assert db.query("SELECT id FROM users") == []
    godwit.run("up").expect(0)
    godwit.run("down", "1").expect(0, out_contains=["reverted 0003 fill", "reverted 0002 posts"], out_lacks="0001")
    godwit.run("down", "0").expect(0, out_contains="reverted 0001 users")
    assert db.tables() == ["godwit_history"]
    godwit.run("down").expect(0, out_contains="nothing to do")
    godwit.run("up").expect(0, out_contains="3 migrations")


def test_down_works_from_a_checkout_that_no_longer_has_the_file(db, godwit):
    folder = godwit.folder(THREE)
    godwit.run("up").expect(0)
    (folder / "0003_fill.sql").unlink()
    (folder / "0003_fill_down.sql").unlink()
    godwit.run("down").expect(0, out_contains="reverted 0003 fill")
    assert db.query("SELECT id FROM users") == []


def test_redo_reverts_and_applies_the_newest(db, godwit):
    godwit.folder(THREE)
    godwit.run("up").expect(0)
    godwit.run("redo").expect(0, out_contains=["reverted 0003 fill", "applied 0003 fill"])
    assert texts(history(db, "version, direction, state"))[3:] == [("0003", "down", "reverted"), ("0003", "up", "applied")]


def test_a_failure_names_the_line_and_keeps_what_the_engine_can_not_undo(db, godwit, engine):
    godwit.folder({"0001_five.sql": "CREATE TABLE a (id INTEGER);\nCREATE TABLE b (id INTEGER);\n"
                                    "-- the third one\nCREATE TABLE c (id INTEGER,,);\nCREATE TABLE d (id INTEGER);\n"
                                    "CREATE TABLE e (id INTEGER);\n"})
    failed = godwit.run("up")
    failed.expect(1, err_contains=["error: migrations/0001_five.sql:4:", "4 | CREATE TABLE c (id INTEGER,,)", "^",
                                   "while applying 0001 five, statement 3 of 5", "hint:"])
    if engine in ("mysql", "mariadb"):
        failed.expect(1, err_contains=["kept: 2 of 5 statements", "goes on after statement 2"])
        assert set(db.tables()) == {"a", "b", "godwit_history"}
        godwit.run("status").expect(0, out_contains=["failed", "2 of 5 statements kept", "kept", "not run"])
        godwit.run("up", "--pretend").expect(0, out_contains="(5 statements, going on after statement 2)")
        godwit.run("resolve", "1").expect(0, out_contains=["0001_five.sql:1", "0001_five.sql:4", "--applied, --reverted or --retry"])
    else:
        failed.expect(1, err_contains="nothing of this migration was kept")
        assert db.tables() == ["godwit_history"]
    godwit.folder({"0001_five.sql": "CREATE TABLE a (id INTEGER);\nCREATE TABLE b (id INTEGER);\n"
                                    "CREATE TABLE c (id INTEGER);\nCREATE TABLE d (id INTEGER);\nCREATE TABLE e (id INTEGER);\n"})
    godwit.run("up").expect(0, out_contains="applied 0001 five")
    assert set(db.tables()) == {"a", "b", "c", "d", "e", "godwit_history"}
    assert texts(history(db, "state, done")) == [("failed", "2" if engine in ("mysql", "mariadb") else "0"), ("applied", "5")]


@pytest.mark.engines("mysql", "mariadb")
def test_a_resumed_file_must_begin_with_what_was_kept(db, godwit):
    godwit.folder({"0001_x.sql": "CREATE TABLE a (id INTEGER);\nNONSENSE;\n"})
    godwit.run("up").expect(1, err_contains="1064")
    godwit.folder({"0001_x.sql": "CREATE TABLE a (id BIGINT);\nCREATE TABLE b (id INTEGER);\n"})
    godwit.run("up").expect(3, err_contains=["statement 1 of migrations/0001_x.sql was changed, and it is already applied", "resolve"])
    godwit.run("resolve", "1", "--applied").expect(0)
    godwit.run("status", "--exit-code").expect(0, out_contains="1 applied, 0 pending")


@pytest.mark.engines("mysql", "mariadb")
def test_resolve_settles_a_failed_migration_each_way(db, godwit):
    broken = "CREATE TABLE a (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n"
    godwit.folder({"0001_x.sql": broken})
    godwit.run("up").expect(1)
    godwit.run("resolve", "1", "--retry").expect(1, err_contains="0001_x.sql:2")
    db.query("DROP TABLE a")
    godwit.run("resolve", "1", "--reverted").expect(0)
    godwit.run("status").expect(0, out_contains="0 applied, 1 pending")
    godwit.folder({"0001_x.sql": "CREATE TABLE a (id INTEGER);\n"})
    godwit.run("up").expect(0)
    godwit.run("resolve", "1").expect(2, err_contains="nothing to resolve")
    godwit.run("resolve", "7", "--applied").expect(2, err_contains="no attempt on a migration 7")


def test_every_file_is_read_before_anything_runs(db, godwit):
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id INTEGER);\n", "0002_b.sql": "CREATE TABLE b (id INTEGER);\nSELECT 'open\n"})
    godwit.run("up").expect(3, err_contains="migrations/0002_b.sql:2:8")
    assert "a" not in db.tables()


def test_every_file_starts_with_a_clean_session(db, godwit, engine):
    setting = {"postgres": ("SET search_path = pg_catalog", "SHOW search_path"),
               "mysql": ("SET foreign_key_checks = 0, sql_mode = ''", "SELECT @@foreign_key_checks"),
               "mariadb": ("SET foreign_key_checks = 0, sql_mode = ''", "SELECT @@foreign_key_checks"),
               "sqlite": ("PRAGMA recursive_triggers = ON", "PRAGMA recursive_triggers")}[engine]
    insert = {"postgres": "INSERT INTO public.seen SELECT current_setting('search_path')",
              "sqlite": "INSERT INTO seen SELECT recursive_triggers FROM pragma_recursive_triggers"}.get(
                  engine, "INSERT INTO seen SELECT CONCAT(@@foreign_key_checks, @@sql_mode <> '')")
    table = "CREATE TABLE seen (value VARCHAR(100))"
    godwit.folder({"0001_a.sql": f"{table};\n{insert};\n", "0002_set.sql": f"{setting[0]};\nSELECT 1;\n", "0003_b.sql": f"{insert};\n"})
    godwit.run("up").expect(0)
    values = texts(db.query("SELECT value FROM seen"))
    assert len(values) == 2 and values[0] == values[1]


def test_baseline_records_without_running(db, godwit):
    godwit.folder(THREE)
    db.script(THREE["0001_users.sql"] + THREE["0002_posts.sql"])
    godwit.run("baseline", "2").expect(0, out_contains=["0001 users", "0002 posts"], out_lacks="0003")
    godwit.run("up").expect(0, out_contains="applied 0003 fill", out_lacks="0001")
    assert texts(history(db, "version, kind"))[:2] == [("0001", "baseline"), ("0002", "baseline")]
    godwit.run("baseline").expect(2, err_contains="nothing to record")
    godwit.run("baseline", "17").expect(2, err_contains=["no migration 17", "the newest is 0003"])
    godwit.run("down", "0").expect(8)
    godwit.run("verify").expect(0)


def test_the_database_is_created_dropped_and_reset(server, godwit, engine):
    absent = server.database(create=False)
    godwit.url = absent.url
    godwit.folder(THREE)
    if engine != "sqlite":
        godwit.run("up").expect(4, err_contains="--create")
    godwit.run("up", "--create").expect(0, out_contains="3 migrations", err_contains="created the database")
    assert absent.exists()
    godwit.run("db", "reset").expect(8, err_contains=["delete everything", "--yes"])
    godwit.run("db", "reset", "--yes").expect(0, out_contains="3 migrations")
    godwit.run("db", "create").expect(0, err_contains="exists already")
    godwit.run("db", "wait").expect(0)
    godwit.run("db", "drop").expect(8)
    godwit.run("db", "drop", "--yes").expect(0, err_contains="dropped")
    assert not absent.exists()
    godwit.run("db", "drop", "--yes").expect(0, err_contains="does not exist")


def test_json_is_one_object_a_line_and_a_report(db, godwit):
    godwit.folder(THREE)
    done = godwit.run("--json", "up").expect(0)
    assert [e["event"] for e in done.events].count("migration_end") == 3
    assert done.report["event"] == "report" and done.report["success"] and done.report["files_executed"] == 3
    assert [m["version"] for m in done.report["migrations"]] == ["0001", "0002", "0003"]
    status = godwit.run("status", "--json").expect(0).report
    assert [m["state"] for m in status["migrations"]] == ["applied"] * 3 and status["pending"] == 0
    godwit.folder({"0004_bad.sql": "SELEC 1;\n"})
    failed = godwit.run("--json", "up").expect(1)
    error = failed.report["errors"][0]
    assert error["path"] == "migrations/0004_bad.sql" and error["line"] == 1 and error["exit_code"] == 1
    assert godwit.run("--json", "history").expect(0).report["attempts"][-1]["state"] == "failed"
    json.dumps(failed.report)


def test_no_folder_is_fine_when_that_is_said(db, godwit):
    godwit.run("up").expect(7, err_contains="migrations")
    godwit.run("up", "--allow-missing").expect(0, out_contains="nothing to do")


def test_out_of_order_is_refused_unless_allowed(db, godwit):
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id INTEGER);", "0003_c.sql": "CREATE TABLE c (id INTEGER);"})
    godwit.run("up", "--gaps").expect(0)
    godwit.folder({"0002_b.sql": "CREATE TABLE b (id INTEGER);"})
    godwit.run("up").expect(3, err_contains=["0002_b.sql is pending, and older than 0003", "--out-of-order"])
    assert "b" not in db.tables()
    godwit.run("status").expect(0, out_contains="out of order")
    godwit.run("up", "--out-of-order").expect(0, out_contains="applied 0002 b")


def test_skip_on_and_only_on_read_app_env(db, godwit):
    godwit.folder({"0001_a.sql": "-- godwit:skip-on staging,production\nCREATE TABLE a (id INTEGER);",
                   "0002_b.sql": "-- godwit:only-on production\nCREATE TABLE b (id INTEGER);",
                   "0003_c.sql": "CREATE TABLE c (id INTEGER);"})
    godwit.run("up", env={"APP_ENV": "production"}).expect(0, out_contains=["skipped 0001 a", "applied 0002 b", "applied 0003 c"])
    assert set(db.tables()) == {"b", "c", "godwit_history"}
    godwit.run("status").expect(0, out_contains="skipped")
    godwit.run("up", env={"APP_ENV": "production"}).expect(0, out_contains="nothing to do")


@pytest.mark.engines("mariadb", "mysql")
def test_semicolons_before_another_delimiter_are_the_server_s(db, godwit):
    """The clients send all before the delimiter at once; so people write both statements of a routine there."""
    godwit.folder({"0001_p.sql": "DELIMITER $$\nDROP PROCEDURE IF EXISTS p;\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\n  SELECT 2;\nEND;$$\nDELIMITER ;\n"})
    godwit.run("up").expect(0, out_contains="1 migration")
    assert db.value("SELECT count(*) FROM information_schema.routines WHERE routine_schema = database()") == "1"


@pytest.mark.engines("postgres")
def test_copy_blocks_and_restrict_lines_of_a_dump_are_executed(db, godwit):
    godwit.folder({"0001_dump.sql": "\\restrict abc\nCREATE TABLE t (id int, note text);\nCOPY t (id, note) FROM stdin;\n"
                                    "1\tsemi;colon\n2\t\\N\n\\.\n\nCREATE INDEX t_id ON t (id);\n\\unrestrict abc\n"})
    godwit.run("up").expect(0)
    assert texts(db.query("SELECT id, coalesce(note, '-') FROM t ORDER BY id")) == [("1", "semi;colon"), ("2", "-")]


@pytest.mark.engines("postgres")
def test_an_index_built_concurrently_switches_the_transaction_off_by_itself(db, godwit):
    godwit.folder({"0001_t.sql": "CREATE TABLE t (id int);", "0002_i.sql": "CREATE INDEX CONCURRENTLY t_id ON t (id);",
                   "0003_mixed.sql": "CREATE TABLE u (id int);\nCREATE INDEX CONCURRENTLY u_id ON u (id);"})
    godwit.run("up", "2").expect(0)
    assert db.value("SELECT count(*) FROM pg_indexes WHERE indexname = 't_id'") in (1, "1")
    godwit.run("up").expect(3, err_contains=["0003_mixed.sql:2:1", "tx none"])
    godwit.folder({"0003_mixed.sql": "-- godwit:tx none\nCREATE TABLE u (id int);\nCREATE INDEX CONCURRENTLY u_id ON u (id);"})
    godwit.run("up").expect(0, out_contains="applied 0003 mixed")


@pytest.mark.engines("mysql", "mariadb")
def test_routines_triggers_and_events_need_no_delimiter_and_bear_one(db, godwit):
    godwit.folder({
        "0001_t.sql": "CREATE TABLE t (id INT PRIMARY KEY, n INT);",
        "0002_plain.sql": "CREATE PROCEDURE p(IN x INT)\nBEGIN\n  IF x > 1 THEN SET x = 1; END IF;\n  INSERT INTO t VALUES (x, x);\nEND;\n"
                          "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.n = NEW.n + 1;\nCALL p(5);\n",
        "0003_delimiter.sql": "DELIMITER $$\nCREATE FUNCTION f() RETURNS INT DETERMINISTIC\nBEGIN\n  DECLARE i INT DEFAULT 0;\n"
                              "  WHILE i < 3 DO SET i = i + 1; END WHILE;\n  RETURN i;\nEND$$\nDELIMITER ;\nINSERT INTO t VALUES (9, f());\n"})
    godwit.run("up").expect(0)
    assert texts(db.query("SELECT id, n FROM t ORDER BY id")) == [("1", "2"), ("9", "4")]


def test_a_files_own_transaction_is_understood(db, godwit, engine):
    godwit.folder({"0001_own.sql": "BEGIN;\nCREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\nCOMMIT;\n",
                   "0002_own.sql": "BEGIN;\nINSERT INTO a VALUES (2);\nINSERT INTO nowhere VALUES (3);\nCOMMIT;\n"})
    godwit.run("up").expect(1, err_contains="0002_own.sql:3")
    assert texts(db.query("SELECT id FROM a")) == [("1",)]


@pytest.mark.engines("sqlite")
def test_a_rebuild_of_a_table_with_pragmas_works(db, godwit):
    godwit.folder({"0001_t.sql": "CREATE TABLE p (id INTEGER PRIMARY KEY);\nCREATE TABLE c (id INTEGER, p INTEGER REFERENCES p(id) ON DELETE CASCADE);\n"
                                 "INSERT INTO p VALUES (1);\nINSERT INTO c VALUES (1, 1);\n",
                   "0002_rebuild.sql": "PRAGMA foreign_keys=OFF;\nBEGIN;\nCREATE TABLE p2 (id INTEGER PRIMARY KEY, n TEXT);\n"
                                       "INSERT INTO p2 (id) SELECT id FROM p;\nDROP TABLE p;\nALTER TABLE p2 RENAME TO p;\nCOMMIT;\nPRAGMA foreign_keys=ON;\n"})
    godwit.run("up").expect(0, out_contains="applied 0002 rebuild")
    assert texts(db.query("SELECT id, p FROM c")) == [("1", "1")]
    assert "n" in db.dump()


@pytest.mark.engines("mysql", "mariadb")
def test_tables_locked_by_the_file_and_autocommit_turned_off_are_kept_and_marked(db, godwit):
    godwit.folder({"0001_t.sql": "CREATE TABLE t (id INT PRIMARY KEY);",
                   "0002_lock.sql": "LOCK TABLES t WRITE;\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\nUNLOCK TABLES;\n",
                   "0003_auto.sql": "SET autocommit = 0;\nINSERT INTO t VALUES (3);\nCREATE TABLE u (id INT);\nINSERT INTO t VALUES (4);\n"})
    godwit.run("up").expect(0, out_contains="3 migrations")
    assert texts(db.query("SELECT id FROM t ORDER BY id")) == [("1",), ("2",), ("3",), ("4",)]
    assert texts(history(db, "state, done, statements")) == [("applied", "1", "1"), ("applied", "4", "4"), ("applied", "4", "4")]


@pytest.mark.engines("mysql", "mariadb")
@pytest.mark.parametrize("flush", ["FLUSH TABLES t WITH READ LOCK", "FLUSH LOCAL TABLES t FOR EXPORT", "FLUSH TABLES WITH READ LOCK"])
def test_tables_flushed_and_locked_by_the_file_are_marked_behind_it(db, godwit, flush):
    godwit.folder({"0001_t.sql": "CREATE TABLE t (id INT PRIMARY KEY);",
                   "0002_flush.sql": f"INSERT INTO t VALUES (1);\n{flush};\nSELECT count(*) FROM t;\nUNLOCK TABLES;\nINSERT INTO t VALUES (2);\n",
                   "0003_fails.sql": f"INSERT INTO t VALUES (3);\n{flush};\nSELECT nonsense FROM t;\nUNLOCK TABLES;\n"})
    godwit.run("up", "0002").expect(0, out_contains="2 migrations")
    godwit.run("up").expect(1, err_contains=["0003_fails.sql:3:8", "kept: 2 of 4 statements"])
    assert texts(history(db, "state, done, statements")) == [("applied", "1", "1"), ("applied", "5", "5"), ("failed", "2", "4")]
    godwit.folder({"0003_fails.sql": f"INSERT INTO t VALUES (3);\n{flush};\nSELECT 1 FROM t;\nUNLOCK TABLES;\n"})
    godwit.run("up").expect(0, out_contains="applied 0003 fails")
    assert texts(db.query("SELECT id FROM t ORDER BY id")) == [("1",), ("2",), ("3",)]


@pytest.mark.engines("mysql", "mariadb")
@pytest.mark.parametrize("name", ["godwit_history", "`Godwit_History`", "{db}.godwit_history", "godwit_history_lease"])
def test_a_temporary_table_that_would_hide_the_history_is_refused_before_anything_runs(db, godwit, name):
    godwit.folder({"0001_t.sql": "CREATE TABLE t (id INT);", "0002_hides.sql": f"INSERT INTO t VALUES (1);\nCREATE TEMPORARY TABLE {name.format(db=db.name)} (id INT);\n"})
    godwit.run("up").expect(3, err_contains=["0002_hides.sql:2:1: a temporary table of this name would hide godwit's own", "hint: give it another name"])
    assert "t" not in db.tables()
    other = db.server.database()
    godwit.folder({"0002_hides.sql": f"CREATE TEMPORARY TABLE my_history (id INT);\nCREATE TEMPORARY TABLE {other.name}.godwit_history (id INT);\n"})
    godwit.run("up").expect(0)
    other.drop()


@pytest.mark.engines("mariadb")
@pytest.mark.parametrize("count", [1, 2], ids=["alone", "batch"])
def test_a_file_that_limits_the_time_of_statements_does_not_mean_the_history(db, godwit, count):
    godwit.folder({"0001_t.sql": "CREATE TABLE t (id INT);"})
    godwit.run("up").expect(0)
    for what in ("INSERT", "UPDATE"):
        db.script(f"CREATE TRIGGER slow_{what} BEFORE {what} ON godwit_history FOR EACH ROW DO SLEEP(0.4);")
    godwit.folder({f"{n:04}_t.sql": "SET SESSION max_statement_time = 0.1;\nINSERT INTO t VALUES (1);\nALTER TABLE t COMMENT 'x';\n" for n in range(2, 2 + count)})
    godwit.run("up").expect(0)
    assert texts(history(db, "state, done"))[1:] == [("applied", "3")] * count


def test_a_down_file_that_nobody_wrote_undoes_nothing_only_when_that_is_said(db, godwit):
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id INTEGER);", "0001_a_down.sql": "-- nothing to undo\n"})
    godwit.run("up").expect(0)
    godwit.run("down").expect(3, err_contains=["0001_a_down.sql has no statement", "--empty"])
    godwit.run("down", "--empty").expect(0, out_contains="reverted 0001 a")


RELEASE = {"postgres": "DO $$ BEGIN PERFORM pg_advisory_unlock_all(); END $$", "mysql": "DO RELEASE_ALL_LOCKS()", "mariadb": "DO RELEASE_ALL_LOCKS()"}


@pytest.mark.engines("postgres", "mysql", "mariadb")
def test_a_run_that_lost_its_lock_writes_no_history(db, godwit, engine):
    godwit.folder({"0001_t.sql": "CREATE TABLE t (id INTEGER);", "0002_release.sql": f"{RELEASE[engine]};\nINSERT INTO t VALUES (1);\n"})
    godwit.run("up").expect(5, err_contains=["no longer holds the lock", "0002 release"])
    assert db.query("SELECT id FROM t") == []
    assert texts(history(db, "version, state")) == [("0001", "applied")]


def test_a_history_row_that_is_gone_is_no_success(db, godwit, engine):
    tx_none = "" if engine in ("mysql", "mariadb") else "-- godwit:tx none\n"
    godwit.folder({"0001_x.sql": f"{tx_none}CREATE TABLE a (id INTEGER);\nDELETE FROM godwit_history;\nCREATE TABLE b (id INTEGER);\n"})
    assert godwit.run("up").rc == 5


@pytest.mark.engines("postgres")
def test_a_new_schema_does_not_make_godwit_forget_its_history(db, godwit):
    godwit.folder({"0001_a.sql": "CREATE TABLE public.a (id int);", "0002_schema.sql": f"CREATE SCHEMA {db.server.user};"})
    godwit.run("up").expect(0)
    godwit.run("status").expect(3, err_contains=["there is one in schema public", "history: public.godwit_history"])
    godwit.run("up").expect(3)
    godwit.run("up", "--history", "public.godwit_history").expect(0, out_contains="nothing to do")


@pytest.mark.engines("mysql", "mariadb")
def test_what_a_procedure_commits_is_not_run_again(db, godwit):
    db.script("CREATE TABLE t (id INT);")
    godwit.folder({"0001_p.sql": "CREATE PROCEDURE p() BEGIN CREATE TABLE IF NOT EXISTS b (id INT); END;\n",
                   "0002_call.sql": "INSERT INTO t VALUES (1);\nCALL p();\nINSERT INTO t VALUES (2);\nINSERT INTO nowhere VALUES (3);\n"})
    godwit.run("up").expect(1, err_contains="kept: 2 of 4 statements")
    godwit.folder({"0002_call.sql": "INSERT INTO t VALUES (1);\nCALL p();\nINSERT INTO t VALUES (2);\n"})
    godwit.run("up").expect(0)
    assert texts(db.query("SELECT id FROM t ORDER BY id")) == [("1",), ("2",)]


def test_a_file_of_dbmate_is_refused_by_another_layout_rather_than_undone(db, godwit):
    godwit.folder({"0001_x.sql": "-- migrate:up\nCREATE TABLE a (id INTEGER);\n-- migrate:down\nDROP TABLE a;\n"})
    godwit.run("--layout", "native", "up").expect(3, err_contains=["0001_x.sql:1:4", "dbmate"])
    assert "a" not in db.tables()


def test_a_folder_among_the_files_is_refused_by_name(db, godwit):
    godwit.folder({"20260326170902_first.sql": "CREATE TABLE a (id INTEGER);\n", "20260326170903_init/init.sql": "CREATE TABLE b (id INTEGER);\n"})
    godwit.run("up").expect(3, err_contains="20260326170903_init is not a migration: it is a folder, and the layout is native")


def test_passwords_of_urls_leave_the_process_list(postgres, godwit):
    import pathlib
    database = postgres.database()
    godwit.folder({"0001_slow.sql": "SELECT pg_sleep(3);\n"})
    godwit.url = database.url
    run = godwit.start("up")
    eventually(lambda: database.executes("SELECT pg_sleep"), what="the statement")
    seen = pathlib.Path(f"/proc/{run.process.pid}/cmdline").read_text()
    run.end().expect(0)
    assert postgres.password not in seen and postgres.user in seen
    database.drop()


@pytest.mark.engines("postgres")
def test_what_a_failure_outside_a_transaction_leaves_is_removed_or_named(db, godwit):
    db.script("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1);")
    godwit.folder({"0001_i.sql": "CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id);\n"})
    godwit.run("up").expect(1, err_contains=["could not create unique index", "dropped the index public.t_id", "INVALID"])
    assert db.query("SELECT 1 FROM pg_class WHERE relname = 't_id'") == []
    godwit.folder({"0001_i.sql": "-- godwit:tx none\nDO $$ BEGIN CREATE TABLE a (x int); COMMIT; RAISE EXCEPTION 'no'; END $$;\n"})
    godwit.run("up").expect(1, err_contains="what this DO had committed by itself before it failed is kept", err_lacks="nothing of this migration")


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("statement", ["DO $$ BEGIN {body} END $$;\n", "CALL p();\n"], ids=["a block", "a procedure"])
def test_what_commits_in_parts_is_not_tried_again_after_a_deadlock(db, godwit, statement):
    body = "INSERT INTO seen VALUES (1); COMMIT; RAISE EXCEPTION 'two of us' USING ERRCODE = 'deadlock_detected';"
    db.script(f"CREATE TABLE seen (id int); CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN {body} END $$;")
    godwit.folder({"0001_parts.sql": "-- godwit:tx none\n" + statement.format(body=body)})
    godwit.run("up", "--retry-backoff", "1ms").expect(1, err_contains=[
        "two of us", "had committed by itself before it failed is kept", "`godwit resolve 0001 --retry --done 0`"])
    for _ in range(2):
        godwit.run("up").expect(1, err_contains=["whether it happened is not known", "`godwit resolve 0001 --retry --done 0`"])
    assert db.query("SELECT id FROM seen") == [("1",)]
    godwit.run("resolve", "0001", "--retry", "--done", "1").expect(0)
    assert db.query("SELECT id FROM seen") == [("1",)]


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("statement", ["DO $$ BEGIN {body} END $$;\n", "CALL p();\n"], ids=["a block", "a procedure"])
def test_what_committed_nothing_by_itself_fails_like_any_other_statement(db, godwit, statement):
    body = "PERFORM nextval('tries'); INSERT INTO seen VALUES (1); IF currval('tries') < 3 THEN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END IF;"
    db.script("CREATE SEQUENCE tries; CREATE TABLE seen (id int);")
    for version, code in enumerate(("deadlock_detected", "raise_exception"), 1):
        db.script(f"CREATE OR REPLACE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN {body.format(code=code)} END $$; ALTER SEQUENCE tries RESTART;")
        godwit.folder({f"000{version}_parts.sql": "-- godwit:tx none\n" + statement.format(body=body.format(code=code))})
        run = godwit.run("up", "--retry-backoff", "1ms")
        if version == 1:  # the third try gets past it
            run.expect(0)
        else:
            run.expect(1, err_contains="nothing of this migration was kept", err_lacks="may have been kept")
            godwit.run("status").expect(0, out_contains="1 applied, 1 pending")
            godwit.run("up").expect(1)
            godwit.run("up").expect(0)
        assert len(db.query("SELECT id FROM seen")) == version


@pytest.mark.engines("postgres")
def test_behind_a_pooler_what_may_have_committed_in_parts_is_left_to_people(db, godwit, pgbouncer):
    db.script("CREATE TABLE seen (id int);")
    godwit.folder({"0001_parts.sql": "-- godwit:tx none\nDO $$ BEGIN INSERT INTO seen VALUES (1); COMMIT; PERFORM 1/0; END $$;\n"})
    godwit.url = pgbouncer.url(db.name)
    godwit.run("up").expect(1, err_contains=["may have been kept", "`godwit resolve 0001` shows what is known"], err_lacks="nothing of this migration")
    godwit.run("up").expect(1, err_contains="whether it happened is not known")
    assert db.query("SELECT id FROM seen") == [("1",)]


@pytest.mark.engines("postgres")
def test_a_migration_whose_row_a_trigger_swallows_is_not_reported_applied(db, godwit):
    db.script("CREATE TABLE seen (id int); CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;")
    godwit.folder({"0001_a.sql": "INSERT INTO seen VALUES (1);\n",
                   "0002_swallow.sql": "CREATE TRIGGER swallow BEFORE INSERT ON godwit_history FOR EACH ROW EXECUTE FUNCTION nothing();\n",
                   "0003_c.sql": "INSERT INTO seen VALUES (3);\n"})
    godwit.run("up").expect(5, err_contains=["nothing was written to the history table", "while applying 0002 swallow"])
    assert db.query("SELECT id FROM seen") == [("1",)]
    godwit.run("status").expect(0, out_contains="1 applied, 2 pending")


@pytest.mark.engines("sqlite")
def test_a_group_begins_with_a_clean_session(db, godwit):
    """A database that is attached twice would keep the group from beginning."""
    db.script("CREATE TABLE seen (id int);")
    note = "INSERT INTO seen VALUES ({n});\n"
    godwit.folder({"0001_a.sql": note.format(n=1), "0002_b.sql": f"ATTACH '{db.server.path(db.name)}' AS again;\n" + note.format(n=2),
                   "0003_c.sql": note.format(n=3), "0004_d.sql": note.format(n=4)})
    godwit.run("up", "--lock-wait", "3s").expect(0, out_contains="4 migrations")
    assert len(db.query("SELECT id FROM seen")) == 4


@pytest.mark.engines("postgres")
def test_the_servers_hint_stands_beside_ours(db, godwit):
    godwit.folder({"0001_x.sql": "SELECT lowr(1);\n"})
    godwit.run("up").expect(1, err_contains=["hint: No function matches", "hint: nothing of this migration was kept"])


@pytest.mark.engines("mysql", "mariadb")
@pytest.mark.parametrize("text", ["SET autocommit = 0;\nTRUNCATE TABLE kept;\n", "CREATE TABLE a (id INTEGER);\nSET autocommit = 0;\n"],
                         ids=["before the last statement", "at the end"])
def test_a_file_that_turns_autocommit_off_is_recorded_and_runs_once(db, godwit, text):
    db.script("CREATE TABLE kept (id INTEGER);")
    godwit.folder({"0001_off.sql": text})
    godwit.run("up").expect(0, out_contains="applied 0001")
    db.query("INSERT INTO kept VALUES (1)")
    godwit.run("up").expect(0, out_contains="nothing to do")
    assert db.query("SELECT id FROM kept") == [("1",)]
    godwit.run("status").expect(0, out_contains="1 applied, 0 pending")


def has_open(running, path):
    fds = pathlib.Path(f"/proc/{running.process.pid}/fd")
    return any(fd.exists() and fd.samefile(path) for fd in fds.iterdir())


@contextlib.contextmanager
def reader_of(db):
    """Somebody who reads the file, and ends when told."""
    with contextlib.closing(sqlite3.connect(db.server.path(db.name), isolation_level=None, check_same_thread=False)) as link:
        link.execute("BEGIN")
        link.execute("SELECT count(*) FROM sqlite_master").fetchall()
        yield link


@pytest.mark.engines("sqlite")
def test_the_history_is_made_once_a_reader_is_gone(db, godwit):
    db.script("CREATE TABLE seen (id int);")
    godwit.folder({"0001_a.sql": "INSERT INTO seen VALUES (1);\n"})
    with reader_of(db) as reader:
        timer = threading.Timer(2.5, lambda: reader.execute("COMMIT"))
        timer.start()
        godwit.run("up", "--lock-timeout", "500ms", "--lock-poll", "50ms").expect(0, out_contains="applied 0001")
        timer.join()


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("command", ["up", "status"])
def test_a_writer_that_lets_nobody_read_is_waited_for_as_long_as_lock_wait_says(db, godwit, command):
    godwit.folder({"0001_a.sql": "CREATE TABLE seen (id int);\n"})
    godwit.run("up").expect(0)
    with sqlite3.connect(db.server.path(db.name), isolation_level=None, check_same_thread=False) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        done = godwit.run(command, "--lock-wait", "300ms", "--connect-timeout", "60s")
        done.expect(5, err_contains=[f"is locked by pid {os.getpid()}", "--lock-wait"])
        timer = threading.Timer(2.5, lambda: writer.execute("COMMIT"))
        timer.start()
        godwit.run(command, "--connect-timeout", "100ms", "--lock-timeout", "100ms").expect(0)
        timer.join()


@pytest.mark.engines("sqlite")
def test_who_waits_for_such_a_writer_can_be_interrupted_and_ends_in_time(db, godwit):
    godwit.folder({"0001_a.sql": "CREATE TABLE seen (id int);\n"})
    godwit.run("up").expect(0)
    with sqlite3.connect(db.server.path(db.name), isolation_level=None) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        waiting = godwit.start("up")
        eventually(lambda: has_open(waiting, db.server.path(db.name)), what="the file to be opened")
        waiting.signal()
        waiting.end(20).expect(130, err_contains=["interrupted while waiting for"])
        godwit.run("up", "--run-timeout", "300ms").expect(5, err_contains=["is locked by pid"])


@pytest.mark.engines("sqlite")
def test_a_reader_that_stays_is_named_when_the_history_cannot_be_made(db, godwit):
    db.script("CREATE TABLE seen (id int);")
    godwit.folder({"0001_a.sql": "INSERT INTO seen VALUES (1);\n"})
    with reader_of(db):
        done = godwit.run("up", "--lock-timeout", "500ms", "--lock-poll", "50ms", "--lock-wait", "1s")
        done.expect(5, err_contains=["the history table godwit_history could not be created", f"pid {os.getpid()}", "--lock-wait"])
    godwit.run("up").expect(0)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("directive", ["", "-- godwit:tx none\n"], ids=["in a transaction", "outside"])
def test_a_file_that_is_attached_twice_is_named(db, godwit, directive):
    db.script("CREATE TABLE seen (id int);")
    godwit.folder({"0001_twice.sql": f"{directive}ATTACH '{db.server.path(db.name)}' AS again;\nINSERT INTO again.seen VALUES (1);\n"})
    done = godwit.run("up", "--lock-wait", "60s", "--lock-timeout", "1s")
    done.expect(1, err_contains=["this very file is attached once more, as 'again'", "0001_twice.sql"])
    kept = 1 if directive else 0
    assert ("kept: 1 of 2" in done.err) == bool(kept)
    assert texts(history(db, "state, done")) == [("failed", str(kept))]
    assert db.query("SELECT id FROM seen") == []


@pytest.mark.engines("sqlite")
def test_a_link_that_leads_nowhere_is_not_created(db, godwit, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "nowhere" / "app.db")
    godwit.folder({"0001_a.sql": "SELECT 1;\n"})
    done = godwit.run("up", url=f"sqlite:{link}").expect(7, err_contains=["it is a symbolic link that leads nowhere"])
    assert "created the database" not in done.out + done.err


@pytest.mark.engines("sqlite")
def test_a_reference_that_is_broken_at_the_end_names_its_file(db, godwit):
    db.script("CREATE TABLE par (id integer primary key); CREATE TABLE ch (p REFERENCES par(id) DEFERRABLE INITIALLY DEFERRED);")
    godwit.folder({"0001_broken.sql": "PRAGMA foreign_keys = ON;\nBEGIN;\nINSERT INTO ch VALUES (9);\nCOMMIT;\n"})
    done = godwit.run("up").expect(1, err_contains=["FOREIGN KEY constraint failed", "0001_broken.sql"])
    assert "0 migrations" not in done.out + done.err


@pytest.mark.engines("sqlite")
def test_nothing_is_applied_to_a_file_that_is_gone(db, godwit):
    path = db.server.path(db.name)
    db.script("CREATE TABLE seen (id int);")
    godwit.folder({"0001_a.sql": "INSERT INTO seen VALUES (1);\n"})
    godwit.run("up").expect(0)
    godwit.folder({"0001_a.sql": "INSERT INTO seen VALUES (1);\n", "0002_b.sql": "INSERT INTO seen VALUES (2);\n"})
    with reader_of(db) as reader:  # whom the commit waits for
        runner = godwit.start("up", "--lock-timeout", "60s")
        eventually(lambda: os.path.exists(f"{path}-journal"), what="the transaction")
        os.rename(path, f"{path}.old")
        open(path, "a").close()
        reader.execute("COMMIT")
    runner.end().expect(1, err_contains=["was deleted or replaced while it was written", "0002"], out_lacks="applied 0002")


def test_status_says_why_a_migration_that_kept_nothing_is_still_pending_and_forgets_it_with_its_file(db, godwit):
    godwit.folder({"0001_typo.sql": "INSERT INTO nowhere VALUES (1);\n"})
    godwit.run("up").expect(1)
    godwit.run("status").expect(0, out_contains=["pending   0001 typo  nothing was kept of the last attempt: ", "nowhere", "0 applied, 1 pending on"])
    os.remove(godwit.cwd / "migrations" / "0001_typo.sql")
    godwit.run("status").expect(0, out_contains="0 applied, 0 pending on", out_lacks="typo")
    godwit.run("history").expect(0, out_contains="0001 typo")
