"""`-- godwit:assert QUERY`: what a migration asks before it begins."""
import pytest

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(80));\n"
# What the second file asserts holds until somebody without an address comes.
UNIQUE = ("-- godwit:assert SELECT id, email FROM users WHERE email IS NULL\n"
          "-- godwit:assert SELECT count(*) < 3 FROM users;\n"
          "CREATE TABLE addresses (email VARCHAR(80) NOT NULL);\nINSERT INTO addresses SELECT email FROM users;\n")
SLOW = {
    "postgres": "SELECT pg_sleep(600) IS NULL",
    "mysql": "SELECT sleep(600)",
    "mariadb": "SELECT sleep(600)",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0",
}


def states(db):
    return [tuple(map(str, row)) for row in db.query("SELECT version, state, done FROM godwit_history ORDER BY id")]


@pytest.fixture
def asserting(db, godwit):
    godwit.folder({"0001_users.sql": USERS, "0002_unique.sql": UNIQUE})
    return godwit


def test_a_migration_runs_when_what_it_asserts_holds(asserting, db):
    asserting.run("up").expect(0, out_contains=["applied 0001 users", "applied 0002 unique"])
    assert states(db) == [("0001", "applied", "1"), ("0002", "applied", "2")]


def test_a_migration_whose_assertion_finds_rows_does_not_begin(asserting, db):
    asserting.run("up", "1").expect(0)
    db.script("INSERT INTO users VALUES (7, NULL), (8, 'a@b'), (9, NULL);")
    asserting.run("up").expect(1, err_contains=[
        "migrations/0002_unique.sql:1:11: what this migration asserts does not hold", "-- godwit:assert SELECT id, email",
        "it returned more than one row, the first: 7 | NULL", "before applying 0002 unique, on ", "nothing of this migration was run"])
    assert db.tables() == ["godwit_history", "users"]
    assert states(db)[1:] == [("0002", "failed", "0")]
    asserting.run("status").expect(0, out_contains="1 applied, 1 pending")
    db.script("DELETE FROM users WHERE email IS NULL;")
    asserting.run("up").expect(0, out_contains="applied 0002 unique")
    assert db.query("SELECT email FROM addresses") == [("a@b",)]


def test_an_assertion_that_is_false_is_shown_with_what_it_returned(asserting, db):
    asserting.run("up", "1").expect(0)
    db.script("INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c');")
    failed = asserting.run("up", "--json")
    failed.expect(1)
    (error,) = failed.report["errors"]
    assert (error["line"], error["column"]) == (2, 11)
    assert "it returned: " + ("f" if db.engine == "postgres" else "0") in error["notes"]
    assert "addresses" not in db.tables()


def test_an_assertion_that_the_server_refuses_is_placed(db, godwit):
    godwit.folder({"0001_a.sql": "-- godwit:assert SELECT id FROM nowhere\n" + USERS})
    godwit.run("up").expect(1, err_contains=["migrations/0001_a.sql:1:", "nowhere", "before applying 0001 a"])
    assert db.tables() == ["godwit_history"]


def test_an_assertion_has_the_time_of_a_statement(db, godwit, engine):
    godwit.folder({"0001_a.sql": f"-- godwit:assert {SLOW[engine]}\n{USERS}"})
    godwit.run("up", "--statement-timeout", "300ms").expect(1, err_contains=["0001_a.sql:1:", "statement_timeout has passed"])
    godwit.run("up", "--timeout", "300ms").expect(1, err_contains=["0001_a.sql:1:", "timeout has passed"])
    assert db.tables() == ["godwit_history"]


def test_a_file_without_a_transaction_is_asked_before_its_first_statement(db, godwit):
    godwit.folder({"0001_a.sql": f"-- godwit:tx none\n-- godwit:assert SELECT 1 = 2\n{USERS}CREATE TABLE b (n INTEGER);\n"})
    godwit.run("up").expect(1, err_contains="0001_a.sql:2:11: ")
    assert db.tables() == ["godwit_history"]


def test_a_file_that_goes_on_in_its_middle_is_not_asked_again(db, godwit):
    text = "-- godwit:tx none\n-- godwit:assert SELECT id FROM users\nINSERT INTO users VALUES (1, 'a');\nINSERT INTO later VALUES (1);\n"
    godwit.folder({"0001_users.sql": USERS, "0002_fill.sql": text})
    godwit.run("up").expect(1, err_contains="0002_fill.sql:4:")
    db.script("CREATE TABLE later (n INTEGER);")
    godwit.run("up").expect(0, out_contains="applied 0002 fill")
    assert states(db) == [("0001", "applied", "1"), ("0002", "failed", "1"), ("0002", "applied", "2")]


def test_an_assertion_sees_what_the_migrations_before_it_did(db, godwit):
    """Also where many go to the server at once."""
    files = {f"{i:04}_t{i}.sql": f"CREATE TABLE t{i} (n INTEGER);\nINSERT INTO t{i} VALUES ({i});\n" for i in range(1, 9)}
    files["0005_t5.sql"] = "-- godwit:assert SELECT n = 4 FROM t4\nCREATE TABLE t5 (n INTEGER);\n"
    files["0008_t8.sql"] = "-- godwit:assert SELECT n = 4 FROM t7\nCREATE TABLE t8 (n INTEGER);\n"
    godwit.folder(files)
    godwit.run("up").expect(1, out_contains="applied 0007 t7", err_contains="0008_t8.sql:1:11: ")
    assert [state for _, state, _ in states(db)] == ["applied"] * 7 + ["failed"]


def test_a_way_down_may_assert_too(db, godwit):
    godwit.folder({"0001_users.sql": USERS, "0001_users_down.sql": "-- godwit:assert SELECT id FROM users\nDROP TABLE users;\n"})
    godwit.run("up").expect(0)
    db.script("INSERT INTO users VALUES (2, 'a');")
    godwit.run("down").expect(1, err_contains=["0001_users_down.sql:1:11: ", "it returned: 2", "before reverting 0001 users", "`godwit down`"])
    assert "users" in db.tables()
    db.script("DELETE FROM users;")
    godwit.run("down").expect(0)


@pytest.mark.parametrize(("query", "says"), [
    ("DELETE FROM users", "0001_a.sql:1:18: 'DELETE FROM users' is no query"),
    ("SELECT 1; DROP TABLE users", "0001_a.sql:1:28: 'DROP' is a second statement"),
    ("SELECT 'a", "0001_a.sql:1:25: ''a' is not closed"),
    ("", "0001_a.sql:1:11: the directive godwit:assert needs a value"),
], ids=["writes", "two", "open", "empty"])
def test_what_is_no_query_is_refused_before_anything_runs(db, godwit, query, says):
    godwit.folder({"0001_a.sql": f"-- godwit:assert {query}\n{USERS}"})
    for command in (["up"], ["validate"], ["up", "--pretend"]):
        godwit.run(*command).expect(3, err_contains=says)
    assert db.tables() == []
