"""Files that Atlas ran in part: what ran is proved by its statements' hashes, and godwit goes on behind it."""
import base64
import hashlib

import pytest

ALL = ("postgres", "mysql", "mariadb", "sqlite")
JSON = {"postgres": "jsonb", "mysql": "json", "mariadb": "json", "sqlite": "text"}
COLUMNS = ("version varchar(255) PRIMARY KEY, description varchar(255), type bigint, applied bigint, total bigint, executed_at varchar(60), "
           "execution_time bigint, error text, error_stmt text, hash varchar(255), partial_hashes {json}, operator_version varchar(255)")
FIRST, SECOND, THIRD = "CREATE TABLE b (n INTEGER);", "INSERT INTO b VALUES (1) /* one */ ;", "CREATE TABLE c (n INTEGER);"
TEXT = f"-- a table\n{FIRST}\n\n{SECOND}\n-- and another\n{THIRD}\n"
FILES = {"0001_a.sql": "CREATE TABLE a (n INTEGER);\n", "0002_b.sql": TEXT}


def chain(*statements):
    running, out = hashlib.sha256(), []
    for one in statements:
        running.update(one.encode())
        out.append("h1:" + base64.b64encode(running.digest()).decode())
    return "[" + ", ".join(f'"{one}"' for one in out) + "]"


def stopped(db, engine, done, error="relation \"c\" already exists", kept=...):
    """A database in which Atlas applied 0001, and `done` statements of 0002."""
    for statement in ("CREATE TABLE a (n INTEGER)", FIRST, SECOND, THIRD)[:1 + done]:
        db.query(statement.rstrip("; "))
    kept = chain(*(FIRST, SECOND, THIRD)[:done]) if kept is ... else kept
    db.query(f"CREATE TABLE atlas_schema_revisions ({COLUMNS.format(json=JSON[engine])})")
    for row in ("'0001', 'a', 2, 1, 1, '2026-01-01 10:00:00', 5, '', '', '', NULL, 'Atlas CLI'",
                f"'0002', 'b', 2, {done}, 3, '2026-01-02 10:00:00', 5, '{error}', 'x', '', {'NULL' if kept is None else repr(kept)}, 'Atlas CLI'"):
        db.query(f"INSERT INTO atlas_schema_revisions VALUES ({row})")


def check_end(db):
    assert db.value("SELECT count(*) FROM b") == "1", "nothing ran twice"
    assert "c" in db.tables()


@pytest.mark.engines(*ALL)
@pytest.mark.parametrize("first_line", ["", "-- atlas:txmode none\n\n"])
def test_godwit_goes_on_behind_the_statements_that_ran(db, godwit, engine, first_line):
    stopped(db, engine, 2)
    godwit.folder(FILES | {"0002_b.sql": first_line + TEXT})
    godwit.run("adopt", "--pretend").expect(0, err_contains="atlas stopped in 0002 behind statement 2 of 3")
    assert "0 attempts" in godwit.run("history").out
    godwit.run("adopt").expect(0, out_contains="0002 b", err_contains=[
        "took over 2 migrations of atlas", "atlas stopped in 0002 behind statement 2 of 3: `godwit up` goes on there"])
    status = godwit.run("status", "--json").report["migrations"]
    assert [(m["version"], m["state"]) for m in status] == [("0001", "applied"), ("0002", "failed")]
    godwit.run("up").expect(0, out_contains="1 migration in")
    check_end(db)
    godwit.run("status", "--exit-code").expect(0, out_contains="2 applied, 0 pending")
    godwit.run("verify").expect(0)


@pytest.mark.engines(*ALL)
def test_what_was_mended_behind_them_may_differ(db, godwit, engine):
    stopped(db, engine, 1)
    godwit.folder(FILES | {"0002_b.sql": TEXT.replace("VALUES (1)", "VALUES (2)") + "CREATE TABLE d (n INTEGER);\n"})
    godwit.run("adopt").expect(0, err_contains="behind statement 1 of 4")
    godwit.run("up").expect(0)
    assert db.value("SELECT n FROM b") == "2"
    check_end(db)


@pytest.mark.engines(*ALL)
def test_a_statement_that_ran_and_is_another_now_is_named(db, godwit, engine):
    stopped(db, engine, 2)
    godwit.folder(FILES | {"0002_b.sql": TEXT.replace("VALUES (1)", "VALUES (2)")})
    godwit.run("adopt").expect(3, err_contains=["migrations/0002_b.sql:4:1: statement 2 of 0002 is not what atlas applied", "restore what ran"])
    assert "0 attempts" in godwit.run("history").out
    godwit.run("adopt", "--edited").expect(0, err_contains="behind statement 2 of 3")
    godwit.run("up").expect(0)
    check_end(db)


@pytest.mark.engines(*ALL)
def test_a_statement_of_which_nobody_knows_is_asked_about(db, godwit, engine):
    stopped(db, engine, 2, error="")
    godwit.folder(FILES)
    godwit.run("adopt").expect(0, err_contains="whether the next one happened is not known")
    godwit.run("up").expect(1, err_contains=["statement 3 of 0002 b was under way when its runner ended", "--retry --done 2"])
    godwit.run("resolve", "0002", "--retry", "--done", "2").expect(0)
    check_end(db)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(("done", "kept", "says"), [
    (2, None, "atlas kept no hashes of the 2 statements of 0002 that it applied"),
    (2, "null", "atlas kept no hashes of the 2 statements of 0002 that it applied"),
    (2, '["h1:x", 7]', "atlas kept no hashes of the 2 statements of 0002 that it applied"),
    (2, '["h1:x"', "atlas kept no hashes of the 2 statements of 0002 that it applied"),
    (2, chain(FIRST), "atlas kept no hashes of the 2 statements of 0002 that it applied"),
])
def test_without_hashes_nobody_can_tell(db, godwit, engine, done, kept, says):
    stopped(db, engine, done, kept=kept)
    godwit.folder(FILES)
    godwit.run("adopt").expect(3, err_contains=[says, "--edited"])
    assert "0 attempts" in godwit.run("history").out
    godwit.run("adopt", "--edited").expect(0)
    godwit.run("up").expect(0)
    check_end(db)


@pytest.mark.engines("sqlite")
def test_a_file_that_became_too_short_and_one_that_is_gone(db, godwit, engine):
    stopped(db, engine, 2)
    godwit.folder(FILES | {"0002_b.sql": FIRST})
    godwit.run("adopt", "--edited").expect(3, err_contains="atlas applied 2 statements of 0002, and the file has 1")
    (godwit.cwd / "migrations/0002_b.sql").unlink()
    godwit.run("adopt").expect(1, err_contains=["atlas stopped in 0002", "settle it with atlas"])


@pytest.mark.engines("sqlite")
def test_a_first_statement_that_failed_leaves_a_pending_migration(db, godwit, engine):
    stopped(db, engine, 0)
    godwit.folder(FILES)
    godwit.run("adopt").expect(0, err_contains="behind statement 0 of 3")
    godwit.run("status").expect(0, out_contains="1 applied, 1 pending")
    godwit.run("up").expect(0)
    check_end(db)


@pytest.mark.engines("sqlite")
def test_a_delimiter_of_the_files_own_is_no_part_of_a_statement(db, godwit, engine):
    first, second = "CREATE TABLE b (n INTEGER)", "INSERT INTO b VALUES (1)"
    db.query("CREATE TABLE a (n INTEGER)")
    stopped_at = chain(first)
    db.query(f"CREATE TABLE atlas_schema_revisions ({COLUMNS.format(json='text')})")
    db.query("INSERT INTO atlas_schema_revisions VALUES ('0001', 'a', 2, 1, 1, '2026-01-01 10:00:00', 5, '', '', '', NULL, 'Atlas CLI'), "
             f"('0002', 'b', 2, 1, 3, '2026-01-01 10:00:00', 5, 'oh', 'x', '', '{stopped_at}', 'Atlas CLI')")
    db.query(first)
    godwit.folder(FILES | {"0002_b.sql": f"-- atlas:delimiter ---\n\n{first}\n---\n{second}\n---\n{THIRD[:-1]}\n"})
    godwit.run("adopt").expect(0, err_contains="behind statement 1 of 3")
    godwit.run("up").expect(0)
    check_end(db)
