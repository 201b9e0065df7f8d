"""skip-on and only-on: what is kept from an environment is recorded, shown, and comes when the environment is another."""
import pytest

A, B, C = (f"CREATE TABLE {name} (id INTEGER);\n" for name in "abc")
GATED = "-- renewa:atlas:skip-on staging,production\n"


def env(name):
    return {"env": {"APP_ENV": name}}


def rows(db):
    return [" ".join(row) for row in db.query("SELECT version, direction, state FROM godwit_history ORDER BY id")]


def tables(db):
    return [name for name in db.tables() if name != "godwit_history"]


@pytest.fixture
def gated(db, godwit):
    """Three migrations, the second of which is for neither staging nor production, as a team that came from Atlas has written it."""
    godwit.write("godwit.yaml", "directives: [renewa]\n")
    godwit.folder({"0001_a.sql": A, "0002_b.sql": GATED + B, "0003_c.sql": C})
    return godwit


@pytest.mark.parametrize("name", ["staging", "production", "Production"])
def test_what_is_skipped_is_recorded_once_and_shown(gated, db, name):
    gated.run("up", **env(name)).expect(0, out_contains=["applied 0001 a", "skipped 0002 b", "applied 0003 c"])
    assert tables(db) == ["a", "c"]
    gated.run("status", **env(name)).expect(0, out_contains=["skipped   0002 b", "2 applied, 0 pending, 1 skipped"])
    gated.run("status", "--exit-code", **env(name)).expect(0)
    gated.run("up", **env(name)).expect(0, out_contains="nothing to do")
    assert sorted(rows(db)) == ["0001 up applied", "0002 up skipped", "0003 up applied"]
    states = {row["version"]: row["state"] for row in gated.run("status", "--json", **env(name)).report["migrations"]}
    assert states == {"0001": "applied", "0002": "skipped", "0003": "applied"}


def test_what_was_skipped_comes_when_the_environment_is_another_also_behind_newer_ones(gated, db):
    gated.run("up", **env("production")).expect(0)
    gated.run("verify", **env("dev")).expect(0)
    gated.run("up", "--pretend", **env("dev")).expect(0, out_contains="would apply 0002 b")
    gated.run("up", **env("dev")).expect(0, out_contains="applied 0002 b", out_lacks="0001")
    assert tables(db) == ["a", "b", "c"]
    assert rows(db)[-1] == "0002 up applied"
    gated.run("up", **env("production")).expect(0, out_contains="nothing to do", out_lacks="skipped")
    gated.run("status", **env("production")).expect(0, out_contains="3 applied, 0 pending")


def test_what_was_skipped_comes_when_its_directive_is_taken_away(gated, db):
    gated.run("up", **env("production")).expect(0)
    gated.folder({"0002_b.sql": B})
    gated.run("verify", **env("production")).expect(0)
    gated.run("up", **env("production")).expect(0, out_contains="applied 0002 b")
    assert tables(db) == ["a", "b", "c"]


def test_what_was_skipped_and_is_gone_is_nobodys_business(gated, db):
    gated.run("up", **env("production")).expect(0)
    (gated.cwd / "migrations/0002_b.sql").unlink()
    gated.run("up", "--gaps", **env("dev")).expect(0, out_contains="nothing to do")
    gated.run("verify", "--gaps", **env("dev")).expect(0)


def test_only_on_is_the_other_way_round(db, godwit):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": "-- godwit:only-on test, dev\n" + B, "0003_c.sql": C})
    godwit.run("up").expect(0, out_contains="skipped 0002 b")
    godwit.run("up", **env("production")).expect(0, out_contains="nothing to do")
    assert tables(db) == ["a", "c"]
    godwit.run("up", **env("dev")).expect(0, out_contains="applied 0002 b")
    assert tables(db) == ["a", "b", "c"]


def test_a_file_that_nobody_has_seen_is_still_out_of_order(gated):
    """It was not skipped: it came late."""
    gated.run("up", **env("production")).expect(0)
    gated.folder({"0002_b.sql": GATED + B, "0000_z.sql": A})
    gated.run("up", **env("dev")).expect(3, err_contains="0000_z.sql is pending, and older than 0003")


def test_the_way_down_passes_what_was_skipped(gated, db):
    gated.folder({f"000{i}_{name}_down.sql": f"DROP TABLE {name};\n" for i, name in enumerate("abc", 1)})
    gated.run("up", **env("production")).expect(0)
    gated.run("down", "0", **env("production")).expect(0, out_contains=["reverted 0003 c", "reverted 0001 a"], out_lacks="0002")
    assert tables(db) == []
    gated.run("up", **env("dev")).expect(0, out_contains="3 migrations")
    assert tables(db) == ["a", "b", "c"]


def test_what_was_skipped_is_not_counted_and_kept_by_a_target(gated, db):
    gated.run("up", "--steps", 1, **env("production")).expect(0, out_contains="applied 0001 a", out_lacks="0003")
    gated.run("up", "--steps", 1, **env("production")).expect(0, out_contains=["skipped 0002 b"])
    gated.run("up", **env("production")).expect(0)
    gated.run("up", "1", **env("dev")).expect(0, out_contains="nothing to do")
    gated.run("up", "2", **env("dev")).expect(0, out_contains="applied 0002 b")


@pytest.mark.parametrize("command", ["up", "resolve"])
def test_what_stopped_in_its_middle_is_never_called_skipped(db, godwit, command):
    """It is half there: that it is not for this environment does not undo it."""
    text = "-- godwit:tx none\n-- godwit:skip-on production\n" + A + "INSERT INTO later VALUES (1);\n"
    godwit.folder({"0001_a.sql": text})
    godwit.run("up", **env("dev")).expect(1, err_contains="0001_a.sql:4:")
    godwit.run("status", **env("production")).expect(0, out_contains="failed")
    again = ["up"] if command == "up" else ["resolve", "1", "--retry"]
    godwit.run(*again, **env("production")).expect(3, err_contains=["0001_a.sql stopped after 1 of 2 statements", "APP_ENV is 'production'", "hint:"])
    assert rows(db) == ["0001 up failed"]
    db.script("CREATE TABLE later (n INTEGER);")
    godwit.run(*again, **env("dev")).expect(0, out_contains="applied 0001 a")


def test_what_would_be_skipped_is_not_redone(db, godwit):
    godwit.folder({"0001_a.sql": "-- godwit:skip-on production\n" + A, "0001_a_down.sql": "DROP TABLE a;\n"})
    godwit.run("up", **env("dev")).expect(0)
    godwit.run("redo", **env("production")).expect(3, err_contains=["0001 a would be reverted, and not applied again", "`godwit down`"])
    godwit.run("redo", "--pretend", **env("production")).expect(3)
    assert tables(db) == ["a"]
    godwit.run("redo", **env("dev")).expect(0)
