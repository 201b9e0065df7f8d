"""The two phases of a deploy: a shim keeps the old name usable, and what drops it does not run in the same deploy."""
import subprocess
import time

import pytest

from godwit import eventually

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(100));\nINSERT INTO users VALUES (1, 'a@example.org');\n"
RENAME = """-- renewa:n-1-shim: users drop-with #123.
ALTER TABLE users RENAME TO customers;
CREATE VIEW users AS SELECT id, email FROM customers;
"""
CONTRACT = "-- renewa:n-1-shim-drop: users\nDROP VIEW users;\n"
ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER);\n"
BACK = {"0002_rename_down.sql": "DROP VIEW users;\nALTER TABLE customers RENAME TO users;\n",
        "0003_contract_down.sql": "CREATE VIEW users AS SELECT id, email FROM customers;\n"}
WAITS = "0003 contract waits for the next run: it drops the shim of users, and 0002 rename, which makes that, was pending too"


def rows(db):
    return [" ".join(row) for row in db.query("SELECT version, direction, state FROM godwit_history ORDER BY id")]


def ends(db, version):
    """Of each row of a version: has it an end?"""
    return [row[0] for row in db.query(f"SELECT CASE WHEN finished_at IS NULL THEN 'open' ELSE 'ended' END FROM godwit_history "
                                       f"WHERE version = '{version}' ORDER BY id")]


@pytest.fixture
def shop(db, godwit):
    """A database with a history, in a project whose directives have their own prefix."""
    godwit.write("godwit.yaml", "directives: [renewa]\n")
    godwit.folder({"0001_users.sql": USERS})
    godwit.run("up").expect(0)
    return godwit


@pytest.fixture
def batch(shop):
    """Promoted together: a rename, what drops its shim, and something else."""
    shop.folder({"0002_rename.sql": RENAME, "0003_contract.sql": CONTRACT, "0004_orders.sql": ORDERS})
    return shop


def test_two_deploys_apart_nothing_waits(shop, db):
    shop.folder({"0002_rename.sql": RENAME})
    shop.run("up").expect(0, out_contains="applied 0002 rename")
    assert db.query("SELECT email FROM users") == db.query("SELECT email FROM customers")
    shop.folder({"0003_contract.sql": CONTRACT})
    shop.run("up").expect(0, out_contains="applied 0003 contract", err_lacks="waits")
    assert db.query("SELECT count(*) FROM customers") == [("1",)]
    assert rows(db) == ["0001 up applied", "0002 up applied", "0003 up applied"]


def test_promoted_together_the_second_waits_for_the_next_run(batch, db):
    batch.run("up").expect(0, out_contains=["applied 0002 rename", "applied 0004 orders", "deferred 0003 contract", "2 migrations"],
                           out_lacks="applied 0003", err_contains=WAITS)
    assert db.query("SELECT email FROM users") == db.query("SELECT email FROM customers")
    assert sorted(rows(db)) == ["0001 up applied", "0002 up applied", "0003 up deferred", "0004 up applied"]
    assert ends(db, "0003") == ["ended"]
    batch.run("up").expect(0, out_contains=["applied 0003 contract", "1 migration"], err_lacks="waits")
    assert rows(db)[-1] == "0003 up applied"
    batch.run("up").expect(0, out_contains="nothing to do")
    assert [row for row in db.tables() if row == "users"] == []


def test_a_run_that_made_the_shim_and_failed_is_no_deploy_either(shop, db):
    """What drops it came only after that run, so that no row says that it waits."""
    shop.folder({"0002_rename.sql": RENAME, "0003_orders.sql": "CREATE TABEL orders (id INTEGER);\n"})
    shop.run("up").expect(1, out_contains="applied 0002 rename")
    shop.folder({"0003_orders.sql": ORDERS, "0004_contract.sql": CONTRACT})
    shop.run("up").expect(0, out_contains=["applied 0003 orders", "deferred 0004 contract"],
                          err_contains="no run has ended well since 0002 rename made that")
    assert db.query("SELECT email FROM users") == [("a@example.org",)]
    shop.run("up").expect(0, out_contains="applied 0004 contract", err_lacks="waits")


def test_what_waits_is_shown_everywhere(batch, db):
    pretended = batch.run("up", "--pretend").expect(0, out_contains=["would apply 0002 rename", "would defer 0003 contract", "would apply 0004"])
    assert "applied" not in pretended.out and rows(db) == ["0001 up applied"]
    report = batch.run("up", "--json").expect(0).report
    assert {row["version"]: row["state"] for row in report["migrations"]} == {"0002": "applied", "0003": "deferred", "0004": "applied"}
    assert "the shim of users" in next(row["error"] for row in report["migrations"] if row["version"] == "0003")
    assert (report["pending"], report["files_executed"]) == (1, 2)
    batch.run("status").expect(0, out_contains=["deferred  0003 contract", "to the next run: it drops the shim of users", "3 applied, 0 pending, 1 deferred"])
    status = batch.run("status", "--json", "--exit-code").expect(6).report
    assert status["pending"] == 1
    batch.run("history").expect(0, out_contains=["deferred 0003 contract", "it drops the shim of users"])
    batch.run("verify").expect(0, out_contains="3 applied migrations agree")
    batch.run("up", "--pretend").expect(0, out_contains="would apply 0003 contract")
    batch.run("up").expect(0)
    batch.run("status", "--exit-code").expect(0, out_contains="4 applied, 0 pending")


def test_a_fresh_database_takes_all(db, godwit):
    godwit.write("godwit.yaml", "directives: [renewa]\n")
    godwit.folder({"0001_users.sql": USERS, "0002_rename.sql": RENAME, "0003_contract.sql": CONTRACT, "0004_orders.sql": ORDERS})
    godwit.run("up").expect(0, out_contains="4 migrations", err_lacks="waits")
    assert rows(db) == [f"000{i} up applied" for i in (1, 2, 3, 4)]


@pytest.mark.parametrize("how", ["baseline", "target", "steps"])
def test_a_history_is_one_however_it_began_and_a_smaller_run_is_a_deploy(db, godwit, how):
    godwit.write("godwit.yaml", "directives: [renewa]\n")
    db.script(USERS)
    godwit.folder({"0001_users.sql": USERS})
    godwit.run("baseline").expect(0)
    godwit.folder({"0002_rename.sql": RENAME, "0003_contract.sql": CONTRACT})
    if how == "baseline":
        godwit.run("up").expect(0, out_contains="deferred 0003 contract")
    else:
        godwit.run("up", *(["2"] if how == "target" else ["--steps", "1"])).expect(0, out_contains="applied 0002", out_lacks="0003")
    godwit.run("up").expect(0, out_contains="applied 0003 contract")


@pytest.mark.parametrize("dependent, place, name", [
    ("SELECT 1;\nCREATE TABLE users (id INTEGER);\n", "5_later.sql:2:1", "it names users"),
    ("ALTER TABLE customers ADD COLUMN phone VARCHAR(20);\n", "5_later.sql:1:1", "it names customers"),
])
def test_what_depends_on_it_keeps_all_from_running(batch, db, dependent, place, name):
    before = rows(db), sorted(db.tables())
    batch.folder({"0005_later.sql": dependent, "0006_too.sql": "DROP TABLE customers;\n"})
    for command in (["up", "--pretend"], ["up"], ["up", "--json"]):
        result = batch.run(*command).expect(3)
    assert (rows(db), sorted(db.tables())) == before
    batch.run("up").expect(3, err_contains=[
        place, "this may depend on migrations/0003_contract.sql, which has to wait for the next run", name,
        "migrations/0002_rename.sql makes the shim of users, migrations/0003_contract.sql drops it: there must be a deploy between them",
        "also: migrations/0006_too.sql:1", "hint: nothing was run; take two deploys: `godwit up 0002` now"], out_lacks="applied")
    assert "0003_contract.sql" in result.report["errors"][0]["message"]
    batch.run("up", "0002").expect(0)
    (batch.cwd / "migrations/0006_too.sql").unlink()
    batch.run("up").expect(0, out_contains=["applied 0003", "applied 0004", "applied 0005"])


def test_a_run_that_fails_is_no_deploy(batch, db):
    """The code of before is still running: what drops its shim waits once more."""
    batch.folder({"0004_orders.sql": "INSERT INTO nowhere VALUES (1);\n"})
    batch.run("up").expect(1, err_contains="0004_orders.sql:1:")
    assert ends(db, "0003") == ["open"]
    batch.run("status").expect(0, out_contains="deferred  0003 contract")
    batch.folder({"0004_orders.sql": ORDERS})
    batch.run("up").expect(0, out_contains=["applied 0004", "deferred 0003"], err_contains="no run has ended well since 0002 rename made that")
    assert ends(db, "0003") == ["open", "ended"]
    batch.run("up").expect(0, out_contains="applied 0003 contract")


def test_what_waited_for_a_shim_that_was_taken_back_waits_for_the_next_one_too(batch, db):
    """The run that made the first one ended well; the one that makes it anew does not."""
    batch.folder(BACK | {"0004_orders_down.sql": "DROP TABLE orders;\n"})
    batch.run("up").expect(0, out_contains="deferred 0003")
    batch.run("down", "0001").expect(0)
    batch.folder({"0004_orders.sql": "INSERT INTO nowhere VALUES (1);\n"})
    batch.run("up").expect(1, err_contains="0004_orders.sql:1:")
    assert ends(db, "0003") == ["ended", "open"]
    batch.folder({"0004_orders.sql": ORDERS})
    batch.run("up").expect(0, out_contains=["applied 0004", "deferred 0003"])
    batch.run("up").expect(0, out_contains="applied 0003 contract")


def test_what_waited_is_a_step_when_it_runs(batch, db):
    batch.run("up").expect(0, out_contains="deferred 0003")
    batch.folder({"0005_bills.sql": ORDERS.replace("orders", "bills")})
    batch.run("up", "--steps", "1").expect(0, out_contains=["applied 0003", "1 migration in"], out_lacks="0005")
    batch.run("up", "--steps", "1").expect(0, out_contains="applied 0005")


def test_what_waited_and_fails_in_its_turn_is_not_late(batch, db):
    batch.folder({"0003_contract.sql": CONTRACT.replace("DROP", "DROP TABLE nowhere;\nDROP", 1)})
    batch.run("up").expect(0, out_contains=["applied 0004", "deferred 0003"])
    for _ in range(2):
        batch.run("up").expect(1, err_contains="0003_contract.sql:2:")
    batch.run("status").expect(0, out_contains="pending   0003 contract", out_lacks="out of order")
    batch.folder({"0003_contract.sql": CONTRACT})
    batch.run("up").expect(0, out_contains="applied 0003 contract")


@pytest.mark.parametrize("at", ["0002", "0004"])
def test_a_run_that_was_killed_is_no_deploy(batch, db, at):
    """Killed behind the shim, or behind all: its end was never written."""
    batch.run("up", "--after-each", f"grep -q {at} && kill -9 $PPID").expect(-9)
    assert ends(db, "0003") == ["open"] and "0003 up applied" not in rows(db)
    batch.run("up").expect(0, out_contains="deferred 0003", out_lacks="applied 0003")
    batch.run("up").expect(0, out_contains="applied 0003 contract")
    assert sorted(row for row in rows(db) if "applied" in row) == [f"000{i} up applied" for i in (1, 2, 3, 4)]


def test_what_waits_can_be_taken_as_applied(batch, db):
    batch.run("up").expect(0)
    db.script("DROP VIEW users;")
    batch.run("baseline").expect(0)
    batch.run("status", "--exit-code").expect(0, out_contains="4 applied, 0 pending")
    batch.run("up").expect(0, out_contains="nothing to do")


def test_what_a_failed_run_left_waiting_is_settled_by_a_run_that_does_not_come_to_it(batch, db):
    batch.folder({"0004_orders.sql": "INSERT INTO nowhere VALUES (1);\n"})
    batch.run("up").expect(1)
    batch.folder({"0004_orders.sql": "DROP TABLE customers;\n"})
    batch.run("up").expect(3, err_contains="`godwit up 0002` now")
    batch.run("up", "0002").expect(0, out_contains="nothing to do")
    assert ends(db, "0003") == ["ended"]
    batch.folder({"0004_orders.sql": ORDERS})
    batch.run("up").expect(0, out_contains=["applied 0003", "applied 0004"])


def test_runners_of_one_deploy_do_not_finish_each_others_deploy(batch, db):
    """Both began before the shim was there; whoever comes second must not take the first run for a deploy of its own."""
    first = batch.start("up", "--before-up", "touch begun; while [ ! -e go ]; do sleep 0.05; done")
    eventually((batch.cwd / "begun").exists, what="the hook of the first")
    second = batch.start("up", "--lock-poll", "50ms")
    time.sleep(1)  # it has read the history, and waits for the lock where there is one
    (batch.cwd / "go").touch()
    for run in (first, second):
        run.end().expect(0, out_contains="deferred 0003 contract", out_lacks="applied 0003")
    assert sorted(row for row in set(rows(db)) if "0003" not in row) == ["0001 up applied", "0002 up applied", "0004 up applied"]
    assert db.query("SELECT count(*) FROM users") == [("1",)]
    batch.run("up").expect(0, out_contains="applied 0003 contract")


def test_the_way_down_knows_nothing_of_what_waits_and_the_way_up_begins_anew(batch, db):
    batch.folder(BACK | {"0004_orders_down.sql": "DROP TABLE orders;\n"})
    batch.run("up").expect(0)
    batch.run("down", "0001").expect(0, out_contains=["reverted 0004", "reverted 0002"], out_lacks="0003")
    batch.run("up").expect(0, out_contains=["applied 0002", "deferred 0003", "applied 0004"])
    batch.run("up").expect(0, out_contains="applied 0003")
    batch.run("redo").expect(0)
    assert rows(db)[-1] == "0004 up applied"


def test_what_waited_and_is_gone_is_nobodys_business(batch):
    batch.run("up").expect(0)
    (batch.cwd / "migrations/0003_contract.sql").unlink()
    batch.run("status", "--gaps", "--exit-code").expect(0, out_contains="reverted  0003")
    batch.run("up", "--gaps").expect(0, out_contains="nothing to do")


def test_what_is_skipped_here_waits_for_nothing(shop, db):
    shop.folder({"0002_rename.sql": RENAME, "0003_contract.sql": "-- renewa:atlas:skip-on production\n" + CONTRACT})
    shop.run("up", env={"APP_ENV": "production"}).expect(0, out_contains="skipped 0003 contract")
    shop.run("up", env={"APP_ENV": "dev"}).expect(0, out_contains="applied 0003 contract")
    assert rows(db)[-2:] == ["0003 up skipped", "0003 up applied"]


def test_a_repeatable_one_that_names_it_depends_on_it(db, godwit):
    """In a layout of others, too."""
    view = "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT email FROM {};\n"
    godwit.write("godwit.yaml", "directives: [renewa]\nlayout: flyway\n")
    godwit.folder({"V1__users.sql": USERS})
    godwit.run("up").expect(0)
    godwit.folder({"V2__rename.sql": RENAME, "V3__contract.sql": CONTRACT, "R__names.sql": view.format("users")})
    godwit.run("up").expect(3, err_contains=["R__names.sql:2:1", "migrations/V3__contract.sql, which has to wait"])
    godwit.folder({"R__names.sql": view.format("customers")})
    godwit.run("up").expect(0, out_contains=["deferred 3 contract", "names"])
    godwit.run("up").expect(0, out_contains="applied 3 contract")
    assert "names" in godwit.run("status").out and db.query("SELECT count(*) FROM names") == [("1",)]


@pytest.mark.parametrize("up, down, name", [
    ("-- migrate:up", "-- migrate:down", "2026010{}000000_{}.sql"),
    ("-- +goose Up", "-- +goose Down", "0000{}_{}.sql"),
    ("-- +migrate Up", "-- +migrate Down", "{}-{}.sql"),
])
def test_in_layouts_with_marks_too(db, godwit, up, down, name):
    """What stands below the mark of the way up, and what the way down says does not count."""
    godwit.write("godwit.yaml", "directives: [renewa]\n")

    def file(number, what, text):
        godwit.folder({name.format(number, what): f"{up}\n{text}{down}\nDROP VIEW IF EXISTS users;\n"})

    file(1, "users", USERS)
    godwit.run("up").expect(0)
    file(2, "rename", RENAME)
    file(3, "contract", CONTRACT)
    file(4, "orders", ORDERS)
    godwit.run("validate").expect(0)
    godwit.run("up").expect(0, out_contains="contract", err_contains="waits for the next run")
    assert db.query("SELECT count(*) FROM users") == [("1",)]
    godwit.run("up").expect(0, out_contains="applied")
    assert [row for row in rows(db) if "deferred" not in row][-1].endswith("up applied") and len(rows(db)) == 5


def test_a_checkpoint_that_holds_the_shim_keeps_nothing_waiting(db, godwit):
    godwit.write("godwit.yaml", "directives: [renewa]\n")
    whole = "-- godwit:checkpoint\n" + RENAME.replace("ALTER TABLE users RENAME TO customers", USERS.replace("users", "customers").rstrip(";\n"))
    godwit.folder({"0001_users.sql": USERS, "0002_rename.sql": RENAME, "0003_all.sql": whole, "0004_contract.sql": CONTRACT})
    godwit.run("validate").expect(0)
    godwit.run("up").expect(0, out_contains=["applied 0003 all", "applied 0004 contract"], out_lacks="deferred")
    assert db.query("SELECT count(*) FROM customers") == [("1",)]


@pytest.mark.parametrize("command", ["up", "validate"])
@pytest.mark.parametrize("name, text, message", [
    ("0002_alone.sql", CONTRACT, "0002_alone.sql:1:26: no earlier migration declares the shim of users"),
    ("0002_rename.sql", RENAME.replace("VIEW users", "VIEW people"), "0002_rename.sql:1:21: no statement of this file creates the shim users"),
    ("0002_rename.sql", RENAME.replace("#123", "$(id)"), "0002_rename.sql:1:37: '$(id)' is no issue"),
])
def test_a_folder_that_contradicts_itself_is_told_before_anything_runs(shop, db, command, name, text, message):
    shop.folder({name: text})
    shop.run(command).expect(3, err_contains=[message, "| -- renewa:n-1-shim"], out_lacks="applied")
    assert rows(db) == ["0001 up applied"]


def test_what_is_applied_is_not_questioned(shop, db):
    """It cannot be changed any more: a file that says too much must not keep the next from running."""
    shop.folder({"0002_alone.sql": CONTRACT})
    shop.run("baseline").expect(0)
    shop.folder({"0003_orders.sql": ORDERS})
    shop.run("up").expect(0, out_contains="applied 0003 orders")
    shop.run("validate").expect(3, err_contains="0002_alone.sql:1:26: no earlier migration")
    assert rows(db)[-1] == "0003 up applied"


# ---- issues ----

STATES = "directives: [renewa]\nissues: !exec ./tracker issue view {} --json state -q .state\n"
TRACKER = '#!/bin/sh\necho "$3" >> asked\ncat "state-$3"\n'


@pytest.fixture
def tracked(godwit):
    """A folder with a living shim, and a tracker."""
    godwit.write("godwit.yaml", STATES)
    godwit.write("tracker", TRACKER)
    (godwit.cwd / "tracker").chmod(0o755)
    godwit.folder({"0001_users.sql": USERS, "0002_rename.sql": RENAME})
    return godwit


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("state", ["OPEN", "opened", '"open"', "Reopened\n"])
def test_an_open_issue_is_fine(db, tracked, state):
    tracked.write("state-123", state)
    tracked.run("validate").expect(0, out_contains="in order")
    assert (tracked.cwd / "asked").read_text() == "123\n"


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("url", [True, False])
@pytest.mark.parametrize("state", ["CLOSED", "merged", "Done"])
def test_a_closed_issue_while_the_shim_lives_is_a_problem(db, tracked, state, url):
    tracked.url = db.url if url else None
    tracked.write("state-123", state)
    tracked.run("validate").expect(3, err_contains=[
        f"migrations/0002_rename.sql:1:37: the issue #123 is {state}, and no migration drops the shim of users yet",
        "hint: open it again, or write the migration: -- godwit:n-1-shim-drop: users"])
    tracked.folder({"0003_contract.sql": CONTRACT})
    (tracked.cwd / "asked").unlink()
    tracked.run("validate").expect(0)
    assert not (tracked.cwd / "asked").exists(), "what is dropped is not asked for"


@pytest.mark.engines("sqlite")
def test_an_issue_is_asked_once_and_only_by_validate(db, tracked):
    second = "-- renewa:n-1-shim: logs drop-with #123\nCREATE VIEW logs AS SELECT 1 AS n;\n"
    tracked.write("state-123", "closed")
    tracked.folder({"0003_logs.sql": second})
    tracked.run("up").expect(0)
    tracked.run("status").expect(0)
    tracked.run("verify").expect(0)
    assert not (tracked.cwd / "asked").exists()
    tracked.run("validate").expect(3, err_contains=["0002_rename.sql:1:37: the issue #123", "0003_logs.sql:1:36: the issue #123"])
    assert (tracked.cwd / "asked").read_text() == "123\n"


@pytest.mark.engines("sqlite")
def test_a_tracker_that_does_not_answer_is_told(db, tracked):
    tracked.run("validate").expect(7, err_contains=["0002_rename.sql:1:37: command \"./tracker\" ended with status 1",
                                                    "asking for the state of the issue #123 ('issues', godwit.yaml:2)"])
    tracked.write("state-123", "perhaps")
    tracked.run("validate").expect(7, err_contains=["'perhaps' is no state of an issue", "about #123", "hint: it must print the state and nothing else"])
    tracked.write("state-123", "")
    tracked.run("validate").expect(7, err_contains="printed nothing about #123")
    tracked.folder({"0003_alone.sql": CONTRACT.replace("users", "others")})
    tracked.run("validate").expect(3, err_contains=["no earlier migration declares the shim of others", "printed nothing about #123"])


@pytest.mark.engines("sqlite")
def test_a_command_without_a_place_for_the_issue_is_refused(db, tracked):
    tracked.write("godwit.yaml", "directives: [renewa]\nissues: !exec ./tracker\n")
    tracked.run("validate").expect(2, err_contains=["godwit.yaml:2:", "'issues' must be a command with {} in it"])
    tracked.write("godwit.yaml", "directives: [renewa]\n")
    tracked.run("validate", env={"GODWIT_ISSUES": "./tracker"}).expect(2, err_contains="environment GODWIT_ISSUES")
    tracked.run("validate", env={"GODWIT_ISSUES": "echo open {} | cut -d' ' -f1"}).expect(0)
    tracked.run("validate", "--issues", 'test "{}" = 123 && echo closed').expect(3, err_contains="the issue #123 is closed")


@pytest.mark.engines("sqlite")
def test_whoever_commits_does_not_wait_for_a_tracker(db, tracked):
    tracked.write("state-123", "closed")
    for command in (["init", "--quiet", "."], ["add", "."], ["-c", "user.name=me", "-c", "user.email=me@example.org", "commit", "--quiet", "-m", "x"]):
        subprocess.run(["git", *command], cwd=tracked.cwd, check=True)
    tracked.run("validate", "--staged").expect(0)
    tracked.run("validate", "--commit", "HEAD").expect(0)
    assert not (tracked.cwd / "asked").exists()
