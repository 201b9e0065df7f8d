"""What a file leaves in its session, variables and temporary tables: another try, and the next run, do what an undisturbed run would, or say why not."""
import subprocess

import pytest

from godwit import eventually

FAMILY = ("mysql", "mariadb")

# A table into which the first INSERT of all fails, as a deadlock does. What a rollback leaves alone counts the tries.
GATE = {
    "mysql": "CREATE TABLE tries (n INT) ENGINE=MyISAM;\nCREATE TABLE gate (n INT);\nDELIMITER //\n"
             "CREATE TRIGGER gate_once BEFORE INSERT ON gate FOR EACH ROW BEGIN\n  INSERT INTO tries VALUES (1);\n"
             "  IF (SELECT count(*) FROM tries) = 1 THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'deadlock'; END IF;\n"
             "END//\nDELIMITER ;\n",
    "postgres": "CREATE SEQUENCE tries;\nCREATE TABLE gate (n int);\nCREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
                "  IF nextval('tries') = 1 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF;\n  RETURN NEW;\nEND $$;\n"
                "CREATE TRIGGER gate_once BEFORE INSERT ON gate FOR EACH ROW EXECUTE FUNCTION fail_once();\n",
}
PASS = "INSERT INTO gate VALUES (1);\n"


def gate(db, engine):
    db.script(GATE.get(engine, GATE["mysql"]))


def tries(db, engine):
    return int(db.value("SELECT last_value FROM tries" if engine == "postgres" else "SELECT count(*) FROM tries"))


def numbers(db, sql):
    return [tuple(int(value) for value in row) for row in db.query(sql)]


def attempts(db):
    return [tuple(map(str, row)) for row in db.query("SELECT state, done FROM godwit_history ORDER BY id")]


# ---- another try ----

@pytest.mark.engines(*FAMILY)
def test_another_try_numbers_rows_from_the_beginning(db, godwit, engine):
    gate(db, engine)
    godwit.folder({"0001_n.sql": "CREATE TABLE t (id INT PRIMARY KEY, n INT);\nINSERT INTO t (id) VALUES (10), (20), (30);\nALTER TABLE t ADD x INT;\n"
                                 "SET @r = 0;\nUPDATE t SET n = (@r := @r + 1) ORDER BY id;\n" + PASS})
    godwit.run("up").expect(0, out_contains="applied 0001 n")
    assert tries(db, engine) == 2
    assert numbers(db, "SELECT id, n FROM t ORDER BY id") == [(10, 1), (20, 2), (30, 3)]


@pytest.mark.engines(*FAMILY)
def test_another_try_does_not_meet_its_own_temporary_table(db, godwit, engine):
    gate(db, engine)
    db.script("CREATE TABLE t (id INT);")
    godwit.folder({"0001_t.sql": "CREATE TEMPORARY TABLE ids AS SELECT 1 AS id;\nINSERT INTO t SELECT id FROM ids;\n" + PASS})
    godwit.run("up").expect(0)
    assert tries(db, engine) == 2
    assert numbers(db, "SELECT id FROM t") == [(1,)]


@pytest.mark.engines(*FAMILY)
def test_another_try_in_a_batch_begins_anew_too(db, godwit, engine):
    gate(db, engine)
    db.script("CREATE TABLE t (id INT);")
    godwit.folder({"0001_t.sql": "INSERT INTO t VALUES (0);\n",
                   "0002_t.sql": "CREATE TABLE a (n INT);\nCREATE TEMPORARY TABLE ids AS SELECT 1 AS id;\nINSERT INTO t SELECT id FROM ids;\n" + PASS})
    godwit.run("up").expect(0)
    assert tries(db, engine) == 2
    assert numbers(db, "SELECT id FROM t ORDER BY id") == [(0,), (1,)]


@pytest.mark.engines("postgres")
def test_another_try_prepares_its_statements_again(db, godwit, engine):
    gate(db, engine)
    db.script("CREATE TABLE t (id int);")
    godwit.folder({"0001_t.sql": "CREATE TEMP TABLE ids AS SELECT 1 AS id;\nPREPARE p AS INSERT INTO t SELECT id FROM ids;\nEXECUTE p;\n" + PASS})
    godwit.run("up").expect(0)
    assert tries(db, engine) == 2
    assert numbers(db, "SELECT id FROM t") == [(1,)]


@pytest.mark.engines(*FAMILY)
def test_there_is_no_other_try_where_the_session_cannot_be_had_again(db, godwit, engine):
    gate(db, engine)
    text = ("CREATE TABLE t (id INT PRIMARY KEY, n INT);\nINSERT INTO t (id) VALUES (10), (20);\nSET @last = (SELECT max(id) FROM t);\n"
            "ALTER TABLE t ADD x INT;\nSET @r = 0;\nUPDATE t SET n = (@r := @r + 1), x = @last ORDER BY id;\n" + PASS)
    godwit.folder({"0001_n.sql": text})
    godwit.run("up").expect(1, err_contains=[
        "migrations/0001_n.sql:7", "deadlock", "statement 6 lacks @last, which statement 3 set from data", "kept: 5 of 7 statements",
        "write the value into the file, behind statement 5; or undo statements 3 to 5 by hand and go on there: `godwit resolve 0001 --retry --done 2`"])
    assert tries(db, engine) == 1
    godwit.folder({"0001_n.sql": text.replace("UPDATE", "SET @last = 20;\nUPDATE")})
    godwit.run("up").expect(0)
    assert numbers(db, "SELECT id, n, x FROM t ORDER BY id") == [(10, 1, 20), (20, 2, 20)]


@pytest.mark.engines(*FAMILY)
def test_another_try_stays_in_its_session_when_that_is_the_same(db, godwit, engine):
    """What is kept could not be had again, and need not be: the unit that failed changes none of it."""
    gate(db, engine)
    godwit.folder({"0001_n.sql": "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY);\nCREATE TABLE c (t INT);\nINSERT INTO t VALUES (7);\n"
                                 "SET @id = (SELECT max(id) FROM t);\nALTER TABLE c ADD x INT;\nINSERT INTO c (t) VALUES (@id);\n" + PASS})
    godwit.run("up").expect(0)
    assert tries(db, engine) == 2
    assert numbers(db, "SELECT t FROM c") == [(7,)]


@pytest.mark.engines(*FAMILY)
def test_a_real_deadlock_makes_nothing_else_of_the_variables(db, godwit, engine):
    db.script("CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB;\nINSERT INTO t VALUES (1, 0), (2, 0);\n"
              "CREATE TABLE weight (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;\n")
    godwit.folder({"0001_n.sql": "SET @r = 0;\nUPDATE t SET n = (@r := @r + 1) WHERE id = 2;\nUPDATE t SET n = (@r := @r + 1) WHERE id = 1;\n"})
    server = db.server
    other = subprocess.Popen(["mariadb", "--no-defaults", f"--host={server.host}", f"--port={server.port}", f"--user={server.user}", "--unbuffered",
                              "--batch", "--skip-column-names", db.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                             env={"MYSQL_PWD": server.password, "PATH": "/usr/bin:/bin"})

    def say(sql):
        other.stdin.write(f"{sql};\nSELECT 'said';\n")
        other.stdin.flush()
        while (line := other.stdout.readline()) != "said\n":
            assert line, "the other session ended"

    try:
        # The one that changed less is the server's victim: that must not be this one.
        say("BEGIN")
        say("INSERT INTO weight VALUES " + ", ".join(["(NULL)"] * 500))
        say("UPDATE t SET id = id WHERE id = 1")
        say("SELECT id FROM t WHERE id = 1 FOR UPDATE")
        run = godwit.start("up")
        eventually(lambda: db.query("SELECT 1 FROM information_schema.processlist WHERE info LIKE 'UPDATE t SET n =%WHERE id = 1'"),
                   what="godwit waits for the row")
        say("SELECT id FROM t WHERE id = 2 FOR UPDATE")
        say("COMMIT")
        run.end().expect(0, out_contains="applied 0001 n", err_contains="Deadlock")
    finally:
        other.stdin.close()
        other.wait(timeout=20)
        other.stdout.close()
    assert numbers(db, "SELECT id, n FROM t ORDER BY id") == [(1, 2), (2, 1)]


# ---- the next run ----

PARENT = ("CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY);\nCREATE TABLE c (p INT);\nINSERT INTO p VALUES (NULL);\n"
          "SET @id = LAST_INSERT_ID();\nALTER TABLE c ADD COLUMN {column};\nINSERT INTO c VALUES (@id, 1);\n")


@pytest.mark.engines(*FAMILY)
def test_a_mended_file_does_not_go_on_with_another_value(db, godwit):
    godwit.folder({"0001_p.sql": PARENT.format(column=",")})
    godwit.run("up").expect(1, err_contains=["0001_p.sql:5", "kept: 4 of 6 statements"])
    godwit.folder({"0001_p.sql": PARENT.format(column="x INT")})
    for command in (("up",), ("resolve", "1", "--retry"), ("resolve", "1", "--retry", "--done", 4)):
        godwit.run(*command).expect(1, err_contains=[
            "error: migrations/0001_p.sql:6:1: statement 6 uses @id, which statement 4 set from data; the session that had it is gone",
            "6 | INSERT INTO c VALUES (@id, 1)", "kept: 4 of 6 statements",
            "hint: write the value into the file, behind statement 4; or undo statements 3 to 4 by hand and go on there: "
            "`godwit resolve 0001 --retry --done 2`"])
    godwit.run("resolve", "1", "--retry", "--done", 99).expect(2, err_contains=["has 6 statements: --done 99 is more", "kept: 4 of 6"], err_lacks="99 of")
    assert db.query("SELECT p FROM c") == [] and attempts(db) == [("failed", "4")]
    godwit.run("status").expect(0, out_contains="4 of 6 statements kept")


@pytest.mark.engines(*FAMILY)
def test_the_value_may_be_written_into_the_file(db, godwit):
    godwit.folder({"0001_p.sql": PARENT.format(column=",")})
    godwit.run("up").expect(1)
    godwit.folder({"0001_p.sql": PARENT.format(column="x INT").replace("INSERT INTO c", "SET @id = 1;\nINSERT INTO c")})
    godwit.run("up").expect(0)
    assert numbers(db, "SELECT p, x FROM c") == [(1, 1)] and numbers(db, "SELECT id FROM p") == [(1,)]


@pytest.mark.engines(*FAMILY)
def test_what_was_kept_may_be_undone_and_done_again(db, godwit):
    godwit.folder({"0001_p.sql": PARENT.format(column=",")})
    godwit.run("up").expect(1)
    godwit.folder({"0001_p.sql": PARENT.format(column="x INT")})
    db.query("DELETE FROM p")
    godwit.run("resolve", "1", "--retry", "--done", 2).expect(0)
    assert numbers(db, "SELECT p, x FROM c") == numbers(db, "SELECT id, 1 FROM p") == [(2, 1)]


@pytest.mark.engines(*FAMILY)
def test_variables_of_constants_and_settings_are_had_again(db, godwit):
    text = ("/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI_QUOTES' */;\nSET @a = 20;\nSET @b = CONCAT('x', @a + 1);\nCREATE TABLE t (n VARCHAR(200));\n"
            "{broken};\nINSERT INTO t VALUES (@b), (@@sql_mode);\nSET SQL_MODE=@OLD_SQL_MODE;\nINSERT INTO t VALUES (@@sql_mode LIKE '%ANSI%');\n")
    godwit.folder({"0001_t.sql": text.format(broken="NONSENSE")})
    godwit.run("up").expect(1, err_contains="kept: 4 of 8")
    godwit.folder({"0001_t.sql": text.format(broken="ALTER TABLE t ADD i INT AUTO_INCREMENT PRIMARY KEY FIRST").replace("INTO t V", "INTO t (n) V")})
    godwit.run("up").expect(0)
    assert [row[0] for row in db.query("SELECT n FROM t ORDER BY i")] == ["x21", "ANSI_QUOTES", "0"]


@pytest.mark.engines(*FAMILY)
def test_an_alter_that_is_prepared_only_if_it_is_needed_goes_on(db, godwit):
    """Blocks that many files are made of: look, make a text of it, execute that."""
    block = ("SET @n = (SELECT count(*) FROM information_schema.columns WHERE table_schema = @db AND table_name = '{table}' AND column_name = 'x');\n"
             "SET @sql = IF(@n = 0, 'ALTER TABLE {table} ADD x INT', 'SELECT 1');\nPREPARE s FROM @sql;\nEXECUTE s;\nDEALLOCATE PREPARE s;\n")
    db.script("CREATE TABLE a (n INT);")
    text = "SET @db = DATABASE();\n" + block.format(table="a") + "CREATE TABLE b (n INT{comma});\n" + block.format(table="b")
    godwit.folder({"0001_x.sql": text.format(comma=",")})
    godwit.run("up").expect(1, err_contains=["0001_x.sql:7", "kept: 6 of 12 statements"])
    godwit.folder({"0001_x.sql": text.format(comma="")})
    godwit.run("up").expect(0)
    for table in "ab":
        db.query(f"SELECT x FROM {table}")


@pytest.mark.engines(*FAMILY)
def test_a_real_table_is_not_taken_for_the_temporary_one_that_is_gone(db, godwit):
    db.script("CREATE TABLE ids (id INT); INSERT INTO ids VALUES (666);")
    text = "CREATE TEMPORARY TABLE ids AS SELECT 1 AS id;\nCREATE TABLE t (id INT{comma});\n{more}INSERT INTO t SELECT id FROM ids;\nDROP TABLE ids;\n"
    godwit.folder({"0001_t.sql": text.format(comma=",", more="")})
    godwit.run("up").expect(1, err_contains="kept: 1 of 4")
    godwit.folder({"0001_t.sql": text.format(comma="", more="")})
    godwit.run("up").expect(1, err_contains=["0001_t.sql:3:1: statement 3 uses the temporary table ids, which statement 1 made", "make it anew in the file"])
    godwit.folder({"0001_t.sql": text.format(comma="", more="CREATE TEMPORARY TABLE ids AS SELECT 1 AS id;\n")})
    godwit.run("up").expect(0)
    assert numbers(db, "SELECT id FROM t") == [(1,)] and numbers(db, "SELECT id FROM ids") == [(666,)]


@pytest.mark.engines("postgres")
def test_set_config_is_said_again_like_set(db, godwit):
    text = "-- godwit:tx none\nCREATE SCHEMA s;\nSELECT set_config('search_path', 's, public', false);\nCREATE TABLE a (x int);\n{broken};\n"
    godwit.folder({"0001_s.sql": text.format(broken="NONSENSE")})
    godwit.run("up").expect(1, err_contains="kept: 3 of 4")
    godwit.folder({"0001_s.sql": text.format(broken="CREATE TABLE b (x int)")})
    godwit.run("up").expect(0)
    assert db.query("SELECT schemaname, tablename FROM pg_tables WHERE tablename IN ('a', 'b') ORDER BY 2") == [("s", "a"), ("s", "b")]


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("kept, use, what", [
    ("SELECT set_config('app.who', who, false) FROM people", "INSERT INTO t SELECT length(current_setting('app.who'))", "the setting app.who"),
    ("CREATE TEMP TABLE ids AS SELECT 1 AS id", "INSERT INTO t SELECT id FROM ids", "the temporary table ids"),
    ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "FETCH c", "the cursor c"),
    ("INSERT INTO t DEFAULT VALUES", "INSERT INTO t SELECT lastval()", "the last insert id"),
], ids=["a setting", "a temporary table", "a cursor", "a number"])
def test_what_only_the_session_had_is_not_guessed(db, godwit, kept, use, what):
    db.script("CREATE TABLE people (who text); INSERT INTO people VALUES ('Ann'); CREATE TABLE t (n serial);")
    text = "-- godwit:tx none\n{kept};\nINSERT INTO people VALUES ('Bob');\n{broken};\n{use};\n"
    godwit.folder({"0001_s.sql": text.format(kept=kept, broken="NONSENSE", use=use)})
    godwit.run("up").expect(1, err_contains="kept: 2 of 4")
    godwit.folder({"0001_s.sql": text.format(kept=kept, broken="CREATE TABLE b (x int)", use=use)})
    before = db.dump(data=True)
    godwit.run("up").expect(1, err_contains=f"{what}, which statement")
    assert db.dump(data=True) == before and attempts(db) == [("failed", "2")]


@pytest.mark.engines("sqlite")
def test_the_number_of_the_last_row_is_not_that_of_godwits_own(db, godwit):
    text = "-- godwit:tx none\nCREATE TABLE p (id INTEGER PRIMARY KEY);\nCREATE TABLE c (p INTEGER);\nINSERT INTO p VALUES (40);\n{broken}INSERT INTO c VALUES (last_insert_rowid());\n"
    godwit.folder({"0001_p.sql": text.format(broken="NONSENSE;\n")})
    godwit.run("up").expect(1, err_contains="kept: 3 of 5")
    godwit.folder({"0001_p.sql": text.format(broken="")})
    godwit.run("up").expect(1, err_contains="statement 4 uses the last insert id, which statement 3 gave")
    assert db.query("SELECT p FROM c") == []


# ---- how a session begins ----

@pytest.mark.engines(*FAMILY)
def test_a_session_that_sees_few_rows_sees_the_whole_history(db, godwit):
    """Else what was applied would look pending, and run again."""
    godwit.write(".home/.my.cnf", "[client]\ninit-command = SET SESSION sql_select_limit = 1\n")
    db.script("CREATE TABLE t (n INT);")
    godwit.folder({f"000{n}_n.sql": f"INSERT INTO t VALUES ({n});\n" for n in range(1, 4)})
    godwit.run("up").expect(0)
    godwit.run("up").expect(0, out_contains="nothing to do")
    assert numbers(db, "SELECT n FROM t ORDER BY n") == [(1,), (2,), (3,)]


@pytest.mark.engines(*FAMILY)
def test_where_sessions_begin_without_autocommit_every_row_is_kept(launch, godwit, engine):
    """MySQL's status speaks of autocommit there all the same."""
    db = launch(engine, settings={"autocommit": 0}).database()
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id INT PRIMARY KEY);\n", "0002_v.sql": "CREATE VIEW v AS SELECT id FROM a;\n",
                   "0003_b.sql": "CREATE TABLE b (id INT PRIMARY KEY);\n"})
    godwit.run("up", url=db.url).expect(0)
    assert attempts(db) == [("applied", "1")] * 3
    godwit.run("up", url=db.url).expect(0, out_contains="nothing to do")


@pytest.mark.engines(*FAMILY)
@pytest.mark.parametrize("setting", ["character_set_connection = ucs2", "collation_connection = utf32_general_ci"])
def test_the_lock_has_the_same_name_in_every_character_set(db, godwit, setting):
    godwit.folder({"0001_a.sql": f"SET {setting};\nCREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\n", "0002_b.sql": "CREATE TABLE b (id INT);\n"})
    godwit.run("up").expect(0)
    assert attempts(db) == [("applied", "3"), ("applied", "1")]


@pytest.mark.engines(*FAMILY)
def test_files_are_utf_8_whatever_a_session_begins_with(db, godwit):
    godwit.write(".home/.my.cnf", "[client]\ninit-command = SET NAMES latin1\n")
    db.script("CREATE TABLE t (n INT, s VARCHAR(20) CHARACTER SET utf8mb4);")
    godwit.folder({"0001_é.sql": "INSERT INTO t VALUES (CHAR_LENGTH('é€🐦'), 'é€🐦');\n"})
    godwit.run("up").expect(0)
    assert db.query("SELECT n, s FROM t") == [("3", "é€🐦")]
    assert db.query("SELECT name FROM godwit_history") == [("é",)]


# ---- the next file ----

LEFT = {
    "variable": ("SET @x = 5;\n", "@x"),
    "temporary": ("CREATE TEMPORARY TABLE t AS SELECT 5 AS n;\n", "(SELECT max(n) FROM t)"),
    "both": ("CREATE TEMPORARY TABLE t AS SELECT 5 AS n;\nSELECT n INTO @x FROM t;\n", "coalesce(@x, (SELECT max(n) FROM t))"),
    "prepared": ("PREPARE p FROM 'SELECT 5 INTO @x';\nEXECUTE p;\n", "@x"),
    "called": ("CREATE PROCEDURE leave_x() SET @x = 5;\nCALL leave_x();\n", "@x"),
}


@pytest.mark.engines(*FAMILY)
@pytest.mark.parametrize("lock", ["session", "lease"])
@pytest.mark.parametrize("alone", [False, True], ids=["batch", "alone"])
@pytest.mark.parametrize("left", LEFT)
def test_nothing_that_a_file_leaves_reaches_the_next(db, godwit, left, alone, lock):
    leaves, seen = LEFT[left]
    db.script("CREATE TABLE t (n INT);\nCREATE TABLE seen (n INT);\n")
    look = ("-- godwit:timeout 1m\n" if alone else "") + f"INSERT INTO seen SELECT {seen};\n"
    godwit.folder({"0001_leaves.sql": leaves, "0002_looks.sql": look, "0003_looks.sql": look})
    godwit.run("up", "--lock", lock).expect(0, err_lacks="error")
    assert db.query("SELECT coalesce(n, -1) FROM seen") in ([(-1,), (-1,)], [("-1",), ("-1",)])
    assert attempts(db) == [("applied", str(leaves.count(";\n"))), ("applied", "1"), ("applied", "1")]


@pytest.mark.engines(*FAMILY)
def test_nothing_that_a_file_leaves_reaches_it_when_it_is_done_again(db, godwit):
    db.script("CREATE TABLE seen (n INT);\n")
    godwit.folder({"0001_x.sql": "INSERT INTO seen SELECT @x;\n", "0001_x_down.sql": "SET @x = 5;\n"})
    godwit.run("up").expect(0)
    godwit.run("redo").expect(0)
    assert db.query("SELECT coalesce(n, -1) FROM seen") in ([(-1,), (-1,)], [("-1",), ("-1",)])


@pytest.mark.engines(*FAMILY)
@pytest.mark.parametrize("lock", ["session", "lease"])
def test_whoever_gets_the_lock_between_two_files_does_nothing_twice(db, godwit, lock):
    """The lock goes with the session that such a file leaves behind."""
    db.script("CREATE TABLE executions (n INT);\n")
    godwit.folder({f"{n:04}_n.sql": f"SET @n = {n};\nINSERT INTO executions SELECT @n;\n" for n in range(1, 9)})
    runners = [godwit.start("up", "--lock", lock, "--lock-poll", "1ms") for _ in range(6)]
    for runner in runners:
        runner.end().expect(0)
    assert numbers(db, "SELECT n FROM executions ORDER BY n") == [(n,) for n in range(1, 9)]
    assert attempts(db) == [("applied", "2")] * 8


# ---- the lock of the run ----

@pytest.mark.engines("postgres")
@pytest.mark.parametrize("alone", [False, True], ids=["batch", "alone"])
@pytest.mark.parametrize("statement, what", [
    ("DISCARD ALL", "DISCARD ALL"), ("/* clean */ discard\n  all", "DISCARD ALL"),
    ("SELECT pg_advisory_unlock_all()", "pg_advisory_unlock_all()"), ("SELECT pg_catalog.PG_ADVISORY_UNLOCK_ALL ()", "pg_advisory_unlock_all()"),
])
def test_a_statement_that_gives_up_the_lock_is_refused(db, godwit, statement, what, alone):
    """Else the history could not be written behind it, and nobody knew what was done."""
    head = "-- godwit:timeout 1m\n" if alone else "\n"
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id int);\n", "0002_clean.sql": f"{head}{statement};\n", "0003_b.sql": "CREATE TABLE b (id int);\n"})
    place = "0002_clean.sql:2:" + ("13" if statement.startswith("/*") else "1")
    godwit.run("up").expect(1, err_contains=[f"{place}: {what} would give up the lock of this run", "hint:"])
    assert attempts(db) == [("applied", "1"), ("failed", "0")]
    assert db.value("SELECT to_regclass('b')") in (None, "")
    godwit.folder({"0002_clean.sql": "DISCARD PLANS;\n"})
    godwit.run("up").expect(0)
    assert attempts(db) == [("applied", "1"), ("failed", "0"), ("applied", "1"), ("applied", "1")]


@pytest.mark.engines("postgres")
def test_a_statement_that_gives_up_locks_runs_where_the_lock_is_a_lease(db, godwit):
    godwit.folder({"0001_clean.sql": "DISCARD ALL;\n", "0002_free.sql": "SELECT pg_advisory_unlock_all();\n"})
    godwit.run("up", "--lock", "lease").expect(0)
    assert attempts(db) == [("applied", "1"), ("applied", "1")]
