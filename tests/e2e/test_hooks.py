"""Hooks: commands around a run, each with the event as JSON on its standard input."""
import json
import time

import pytest

from godwit import eventually

pytestmark = pytest.mark.engines("sqlite", "postgres")

TWO = {"0001_a.sql": "CREATE TABLE a (id INTEGER);\n", "0001_a_down.sql": "DROP TABLE a;\n",
       "0002_b.sql": "CREATE TABLE b (id INTEGER);\nINSERT INTO b VALUES (1);\n", "0002_b_down.sql": "DROP TABLE b;\n"}
MEMBERS = {"event", "target", "env", "service", "direction", "pending", "executed", "duration_ms"}
EVERY = ("before_up", "after_each", "after_up", "on_failure")


def hooks(godwit, more="", **commands):
    """godwit.yaml with these hooks; every other one keeps its events in a file of its name."""
    commands = {**{name: f"cat >> {name}" for name in EVERY}, **commands}
    godwit.write("godwit.yaml", more + "hooks:\n" + "".join(f"  {name}: {json.dumps(command)}\n" for name, command in commands.items()))


def heard(godwit, name):
    """The events that a hook got; the file is emptied."""
    file = godwit.cwd / name
    events = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    file.unlink(missing_ok=True)
    assert all(event["event"] == name and MEMBERS <= set(event) for event in events), events
    return events


def test_hooks_get_the_run_as_json(db, godwit):
    hooks(godwit)
    godwit.folder(TWO)
    godwit.run("up").expect(0)
    before, each, after = (heard(godwit, name) for name in ("before_up", "after_each", "after_up"))
    assert [(e["direction"], e["pending"], e["executed"]) for e in before] == [("up", 2, 0)]
    assert [(e["migration"], e["pending"], e["executed"]) for e in each] == [
        ({"version": "0001", "name": "a"}, 1, 1), ({"version": "0002", "name": "b"}, 0, 2)]
    assert [(e["direction"], e["pending"], e["executed"]) for e in after] == [("up", 0, 2)]
    shown = godwit.run("--json", "status").report["target"]
    assert all(e["target"] == shown and e["env"] is None and e["service"] is None and "error" not in e for e in before + each + after)
    assert all(e["duration_ms"] >= 0 for e in before + each + after) and "migration" not in before[0]
    assert heard(godwit, "on_failure") == []


def test_a_failure_is_told_with_its_place(db, godwit):
    hooks(godwit)
    godwit.folder({**TWO, "0003_bad.sql": "INSERT INTO a VALUES (1);\nINSERT INTO nowhere VALUES (1);\n"})
    failed = godwit.run("up").expect(1)
    (event,) = heard(godwit, "on_failure")
    assert (event["direction"], event["pending"], event["executed"]) == ("up", 1, 2)
    error = event["error"]
    assert error["path"] == "migrations/0003_bad.sql" and error["line"] == 2 and error["exit_code"] == 1
    assert error["message"] in failed.err and "statement 2 of 2" in error["notes"] and error["hint"] and error["code"]
    assert len(heard(godwit, "after_each")) == 2 and heard(godwit, "after_up") == [] and len(heard(godwit, "before_up")) == 1


def test_a_before_up_that_fails_stops_the_run_before_anything_is_written(db, godwit):
    hooks(godwit, before_up="cat >> before_up; echo said aloud >&2; exit 3")
    godwit.folder(TWO)
    stopped = godwit.run("up").expect(1, err_contains=["error: hook before_up failed", "ended with status 3", "said aloud"])
    assert "applied" not in stopped.out and db.tables() == []
    assert len(heard(godwit, "before_up")) == 1 and heard(godwit, "after_each") == [] and heard(godwit, "after_up") == []
    (event,) = heard(godwit, "on_failure")
    assert event["executed"] == 0 and event["pending"] == 2 and "before_up" in event["error"]["message"]


def test_the_other_hooks_cannot_fail_a_run(db, godwit):
    hooks(godwit, after_each="exit 4", after_up="no-such-program-here")
    godwit.folder(TWO)
    godwit.run("up").expect(0, out_contains=["applied 0001 a", "applied 0002 b"],
                            err_contains=["hook after_each failed", "status 4", "hook after_up failed", "status 127"])
    hooks(godwit, on_failure="exit 5")
    godwit.folder({"0003_bad.sql": "NONSENSE;\n"})
    godwit.run("up").expect(1, err_contains=["hook on_failure failed", "status 5", "error: migrations/0003_bad.sql:1:"])


def test_a_hook_that_takes_too_long_is_killed(db, godwit):
    hooks(godwit, before_up="sleep 20; touch late")
    godwit.folder(TWO)
    late = godwit.run("up", env={"GODWIT_HOOK_TIMEOUT": "300ms"}).expect(1, err_contains=["hook before_up failed", "300 ms"])
    assert late.seconds < 8 and db.tables() == []
    hooks(godwit, timeout="300ms", after_each="sleep 20 & sleep 20; touch late")
    late = godwit.run("up").expect(0, err_contains=["hook after_each failed", "did not end within 300 ms"])
    assert late.seconds < 8
    time.sleep(0.2)
    assert not (godwit.cwd / "late").exists()


def test_an_interrupt_ends_a_hook_and_the_run(db, godwit):
    hooks(godwit, before_up="touch begun; sleep 20; touch late")
    godwit.folder(TWO)
    running = godwit.start("up")
    eventually((godwit.cwd / "begun").exists, what="the hook")
    running.signal()
    assert running.end(15).expect(130, err_contains="interrupted").seconds < 10
    assert db.tables() == [] and not (godwit.cwd / "late").exists()
    # Whoever waits for the news of a failure gets it all the same.
    assert [event["error"]["exit_code"] for event in heard(godwit, "on_failure")] == [130]


def test_what_a_hook_prints_is_shown(db, godwit):
    hooks(godwit, before_up="cat > /dev/null; echo the way is clear", after_up="echo one; echo two >&2")
    godwit.folder(TWO)
    godwit.run("up").expect(0, err_contains=["before_up: the way is clear\n", "after_up: one\n", "two\n"], out_lacks="the way")
    godwit.run("down", "0").expect(0, err_lacks="the way")
    events = godwit.run("--json", "up").expect(0).events
    assert {"before_up: the way is clear", "after_up: one"} <= {event.get("text") for event in events if event["event"] == "note"}
    godwit.run("down", "0").expect(0)
    godwit.run("-q", "up").expect(0, err_lacks="the way")


def test_which_commands_run_hooks(db, godwit):
    hooks(godwit)
    godwit.folder(TWO)
    ran = {}
    for name, command in (("pretend", "up --pretend"), ("status", "status"), ("verify", "verify"), ("up", "up"), ("nothing", "up"),
                          ("down", "down"), ("history", "history"), ("lock", "lock")):
        godwit.run(*command.split()).expect(0)
        ran[name] = [hook for hook in EVERY if heard(godwit, hook)]
    assert ran == {"pretend": [], "status": [], "verify": [], "up": ["before_up", "after_each", "after_up"], "nothing": ["after_up"],
                   "down": ["after_each"], "history": [], "lock": []}


def test_after_each_tells_the_direction(db, godwit):
    godwit.folder(TWO)
    godwit.run("up").expect(0)
    hooks(godwit)
    godwit.run("down", "0").expect(0)
    assert [(e["direction"], e["migration"]["version"], e["executed"]) for e in heard(godwit, "after_each")] == [
        ("down", "0002", 1), ("down", "0001", 2)]
    godwit.folder({"0002_b_down.sql": "DROP TABLE nowhere;\n"})
    godwit.run("up").expect(0)
    heard(godwit, "after_each")
    godwit.run("down").expect(1)
    (event,) = heard(godwit, "on_failure")
    assert (event["direction"], event["error"]["path"]) == ("down", "migrations/0002_b_down.sql")


def test_env_and_service_are_named(sqlite, godwit, db):
    godwit.url = None
    hooks(godwit, f"services: {{ auth: {{ envs: {{ ci: {{ url: \"{db.url}\" }} }} }} }}\n")
    godwit.folder(TWO)
    godwit.run("--service", "auth", "--env", "ci", "up").expect(0)
    assert [(e["env"], e["service"]) for e in heard(godwit, "after_up")] == [("ci", "auth")]


def test_a_hook_runs_in_the_callers_folder_with_a_shell_and_the_environment(db, godwit):
    hooks(godwit, before_up="cat > /dev/null; echo $PWD-${TEAM:-nobody}-$((1 + 1)) | tr a-z A-Z")
    godwit.folder(TWO)
    godwit.run("up", env={"TEAM": "blue"}).expect(0, err_contains=f"before_up: {str(godwit.cwd).upper()}-BLUE-2")


def test_a_flag_or_variable_replaces_a_hook(db, godwit):
    hooks(godwit)
    godwit.folder(TWO)
    godwit.run("up", "--before-up", "echo of the flag", env={"GODWIT_AFTER_UP": "echo of the variable"}).expect(
        0, err_contains=["before_up: of the flag", "after_up: of the variable"])
    assert heard(godwit, "before_up") == [] and heard(godwit, "after_up") == [] and len(heard(godwit, "after_each")) == 2


def test_a_hook_that_reads_nothing_or_prints_much_does_no_harm(db, godwit):
    hooks(godwit, before_up="exec 0<&-", after_each="head -c 300000 /dev/zero | tr '\\0' x", after_up="cat")
    godwit.folder(TWO)
    godwit.run("up").expect(0, out_contains=["applied 0001 a", "applied 0002 b"], err_contains="after_up: {")


@pytest.mark.engines("postgres")
def test_no_hook_hears_the_password(server, db, godwit):
    hooks(godwit)
    godwit.folder({**TWO, "0003_bad.sql": "NONSENSE;\n"})
    godwit.run("up", url=None, env={"DATABASE_URL": db.url}).expect(1)
    said = [json.dumps(event) for name in EVERY for event in heard(godwit, name)]
    assert len(said) == 4 and all(server.password not in text and server.user in text for text in said)
