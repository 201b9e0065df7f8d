"""Configuration: who says a value, what wins, which environment, and that a secret stays one."""
import os
import pathlib
import textwrap

import pytest

import servers
from godwit import Godwit, eventually

THREE_SERVERS = pytest.mark.engines("postgres", "mariadb", "mysql")
TABLE = "CREATE TABLE a (id INTEGER);\n"
SLOW = {"postgres": "SELECT pg_sleep(30)", "mysql": "DO SLEEP(30)", "mariadb": "DO SLEEP(30)",
        "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c WHERE n < 9000000000"}
SECRET = "Xs3cret-Wr9-q"


@pytest.fixture
def plain(tmp_path):
    """The program in a folder with one migration and no URL."""
    godwit = Godwit(tmp_path)
    godwit.folder({"0001_a.sql": TABLE})
    return godwit


def lines(text):
    return textwrap.dedent(text).lstrip("\n")


# ---- precedence ----


def seen_target(godwit, args, env):
    return godwit.run("--json", "status", *args, env=env).expect(0).report["target"]


def seen_folder(godwit, args, env):
    url = () if "DATABASE_URL" in env else ("--url", "sqlite:x.db")
    report = godwit.run("--json", "status", *url, *args, env=env).expect(0).report
    return str(pathlib.Path(report["migrations"][0]["path"]).parent)


def seen_history(godwit, args, env):
    refused = godwit.run("--url", "sqlite:wrong.db", "status", *args, env=env).expect(3)
    return refused.err.split("table ")[1].split(" has no")[0]


def seen_statement_timeout(godwit, args, env):
    late = godwit.run("--url", "sqlite:x.db", "up", "--dir", "slow", *args, env=env).expect(1)
    return late.err.split("cancelled after ")[1].split(" ms")[0]


def seen_app_env(godwit, args, env):
    report = godwit.run("--url", "sqlite:none.db", "--json", "up", "--pretend", "--dir", "only", *args, env=env).expect(0).report
    return [m["name"] for m in report["migrations"] if m["state"] == "pending"][0]


# name: option, variable, key in godwit.yaml, values (flag, environment, .env, godwit.yaml), what holds without any, how to see it
SETTINGS = {
    "url": ("--url", "DATABASE_URL", "url", [f"sqlite:{n}.db" for n in ("flag", "env", "dot", "yaml")], None, seen_target),
    "migrations": ("--dir", "GODWIT_MIGRATIONS", "migrations", ["m_flag", "m_env", "m_dot", "m_yaml"], "migrations", seen_folder),
    "history": ("--history", "GODWIT_HISTORY", "history", ["h_flag", "h_env", "h_dot", "h_yaml"], "godwit_history", seen_history),
    "statement_timeout": ("--statement-timeout", "GODWIT_STATEMENT_TIMEOUT", "statement_timeout",
                          ["110ms", "120ms", "130ms", "140ms"], None, seen_statement_timeout),
    "app_env": ("--app-env", "APP_ENV", "app_env", ["flag", "env", "dot", "yaml"], None, seen_app_env),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_flag_beats_the_environment_beats_dotenv_beats_godwit_yaml_beats_the_default(sqlite, plain, name):
    option, variable, key, values, initial, see = SETTINGS[name]
    for folder in SETTINGS["migrations"][3]:
        plain.folder({"0001_a.sql": TABLE}, folder)
    plain.folder({"0001_slow.sql": SLOW["sqlite"] + ";\n"}, "slow")
    plain.folder({f"000{i}_{who}.sql": f"-- godwit:only-on {who}\n{TABLE}" for i, who in enumerate(["flag", "env", "dot", "yaml"], 1)},
                 "only")
    wrong = servers.Database(sqlite, str(plain.cwd / "wrong"))
    for table in [*SETTINGS["history"][3], "godwit_history"]:
        wrong.query(f"CREATE TABLE {table} (x INTEGER)")
    plain.write("godwit.yaml", f'{key}: "{values[3]}"\n')
    plain.write(".env", f"{variable}={values[2]}\n")
    assert see(plain, [option, values[0]], {variable: values[1]}) == values[0].removesuffix("ms")
    assert see(plain, [], {variable: values[1]}) == values[1].removesuffix("ms")
    assert see(plain, [], {}) == values[2].removesuffix("ms")
    (plain.cwd / ".env").unlink()
    assert see(plain, [], {}) == values[3].removesuffix("ms")
    (plain.cwd / "godwit.yaml").unlink()
    if initial:
        assert see(plain, [], {}) == initial


def test_an_empty_variable_says_nothing(plain):
    plain.write(".env", "DATABASE_URL=sqlite:dot.db\n")
    assert seen_target(plain, [], {"DATABASE_URL": ""}) == "sqlite:dot.db"


def test_database_url_migration_is_preferred_over_database_url(plain):
    both = {"DATABASE_URL": "sqlite:app.db", "DATABASE_URL_MIGRATION": "sqlite:migration.db"}
    assert seen_target(plain, [], both) == "sqlite:migration.db"
    assert seen_target(plain, [], {**both, "GODWIT_URL": "sqlite:own.db"}) == "sqlite:own.db"
    plain.write(".env", "".join(f"{name}={value}\n" for name, value in both.items()))
    assert seen_target(plain, [], {}) == "sqlite:migration.db"
    # What was exported wins over the file as a whole.
    assert seen_target(plain, [], {"DATABASE_URL": "sqlite:exported.db"}) == "sqlite:exported.db"


def test_the_default_folder_is_migrations_or_else_db_migrations(tmp_path):
    godwit = Godwit(tmp_path, "sqlite:app.db")
    godwit.folder({"0001_other.sql": TABLE}, "db/migrations")
    godwit.run("status").expect(0, out_contains="0001 other")
    godwit.folder({"0001_usual.sql": TABLE})
    godwit.run("status").expect(0, out_contains="0001 usual", out_lacks="other")


# ---- who logs in ----


@pytest.fixture
def migrator(server, db, engine):
    """A second login that may do everything in `db`."""
    name = f"m_{db.name}"
    server.create_user(name, SECRET)
    if engine == "postgres":
        db.query(f'GRANT ALL ON SCHEMA public TO "{name}"')
    else:
        server.query(f"GRANT ALL ON `{db.name}`.* TO '{name}'@'%'")
    yield name
    if engine == "postgres":
        db.query(f'DROP OWNED BY "{name}" CASCADE')
    server.drop_user(name)


@THREE_SERVERS
def test_db_migrate_user_and_password_replace_the_urls(server, db, godwit, migrator):
    godwit.folder({"0001_a.sql": TABLE, "0002_b.sql": "CREATE TABLE b (id INTEGER);\n", "0003_c.sql": "CREATE TABLE c (id INTEGER);\n"})
    login = {"DB_MIGRATE_USER": migrator, "DB_MIGRATE_PASSWORD": SECRET}
    said = [godwit.run("up", "1", url=None, env={"DATABASE_URL": db.url, **login}).expect(0)]
    # A URL that was said with --url is complete: it keeps its own login.
    said.append(godwit.run("up", "2", url=db.url, env=login).expect(0))
    # Without a login in the URL they are used from anywhere.
    bare = f"{server.scheme}://{server.host}:{server.port}/{db.name}"
    godwit.write(".env", f"DB_MIGRATE_USER={migrator}\nDB_MIGRATE_PASSWORD={SECRET}\n")
    said.append(godwit.run("up", "3", url=bare).expect(0))
    users = [row[0].split("@")[0] for row in db.query("SELECT applied_by FROM godwit_history ORDER BY id")]
    assert users == [migrator, server.user, migrator]
    if server.name == "postgres":
        assert db.query("SELECT tableowner FROM pg_tables WHERE tablename IN ('a', 'b', 'c') ORDER BY tablename") == [
            (migrator,), (server.user,), (migrator,)]
    assert all(SECRET not in run.out + run.err for run in said)
    assert f"{server.scheme}://{migrator}@" in said[0].out


@THREE_SERVERS
def test_a_wrong_secret_is_not_part_of_the_error(server, db, godwit, migrator):
    godwit.folder({"0001_a.sql": TABLE})
    env = {"DATABASE_URL": db.url, "DB_MIGRATE_USER": migrator, "DB_MIGRATE_PASSWORD": "wr0ng-" + SECRET}
    for more in ((), ("--json",), ("-v",)):
        refused = godwit.run("up", *more, url=None, env=env).expect(4)
        assert migrator in refused.out + refused.err and SECRET not in refused.out + refused.err


# ---- secrets that a command answers ----


def production(server, db, user, command):
    return (f"envs:\n  production:\n    url: {server.scheme}://{server.host}:{server.port}/{db.name}\n"
            f"    user: ${{DB_MIGRATE_USER:-{user}}}\n    password: !exec {command}\n  other: {{ url: \"sqlite:other.db\" }}\n")


@THREE_SERVERS
def test_an_exec_secret_is_asked_once_and_only_when_a_connection_needs_it(server, db, godwit, migrator):
    asked = godwit.cwd / "asked"
    godwit.url = None
    godwit.folder({"0001_a.sql": TABLE})
    godwit.write("secret", SECRET + "\n")
    godwit.write("godwit.yaml", production(server, db, migrator, "echo x >> asked; cat secret"))
    godwit.run("--env", "production", "up").expect(0, out_contains="applied 0001 a")
    assert asked.read_text() == "x\n"
    asked.unlink()
    godwit.run("--env", "production", "status", env={"DB_MIGRATE_PASSWORD": SECRET}).expect(0, out_contains="1 applied")
    godwit.write(".env", f"DB_MIGRATE_PASSWORD={SECRET}\n")
    godwit.run("--env", "production", "status").expect(0)
    (godwit.cwd / ".env").unlink()
    godwit.run("--env", "other", "status").expect(0)
    godwit.run("--env", "production", "new", "b").expect(0)
    godwit.run("--env", "production", "new", "users", "--pattern", "add-table").expect(0)
    godwit.run("--env", "production", "up", "--url", db.url, "--empty").expect(0)
    godwit.run("--env", "production", "up", "--no-such-option").expect(2)
    godwit.run("help", "up").expect(0)
    assert not asked.exists()


@THREE_SERVERS
def test_a_secret_is_seen_nowhere(server, db, godwit, migrator, engine):
    godwit.url = None
    folder = godwit.folder({"0001_a.sql": TABLE, "0001_a_down.sql": "DROP TABLE a;\n"})
    godwit.write("secret", SECRET)
    godwit.write("hook", "#!/bin/sh\ncat >> heard; env >> heard\n").chmod(0o755)
    godwit.write("godwit.yaml", "hooks: { before_up: ./hook, after_each: ./hook, after_up: ./hook, on_failure: ./hook }\n"
                 + production(server, db, migrator, "cat secret"))
    said = ""
    for command in ("status", "up -v", "up --pretend -v", "history", "verify", "lock", "redo", "db create", "db wait", "db drop",
                    "resolve 1", "up --steps x", "baseline 9"):
        for more in ((), ("--json",)):
            done = godwit.run("--env", "production", *command.split(), *more)
            assert done.rc in (0, 2, 8), done
            said += done.out + done.err
    heard = (godwit.cwd / "heard").read_text()
    (godwit.cwd / "heard").unlink()
    (folder / "0002_slow.sql").write_text(f"{SLOW[engine]};\n")
    running = godwit.start("--env", "production", "up")
    proc = pathlib.Path("/proc", str(running.process.pid))
    # Hooks run once the run has begun, and that is after it has the lock.
    eventually((godwit.cwd / "heard").exists, seconds=30, what="before_up")
    said += eventually(lambda: [out for out in [godwit.run("--env", "production", "lock").out] if "held" in out], what="the lock")[0]
    assert SECRET.encode() not in (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
    running.signal()
    ended = running.end(30).expect(130)
    heard += (godwit.cwd / "heard").read_text()
    assert "on_failure" in heard and "before_up" in heard
    rows = "".join(str(row) for row in db.query("SELECT * FROM godwit_history"))
    assert migrator in said and migrator in rows
    assert SECRET not in said + ended.out + ended.err + heard + rows + db.dump(data=True)


@pytest.mark.parametrize("command, rc, says", [
    ("exit 3", 7, ["ended with status 3", "asking for 'password' (godwit.yaml:5)", "DB_MIGRATE_PASSWORD"]),
    ("true", 7, ["printed nothing", "'password'"]),
    ("printf '%s\\n' two-of lines-x", 7, ["more than one line"]),
    ("no-such-program-here get", 7, ["ended with status 127", "is it installed"]),
])
def test_a_secret_command_that_fails_is_named_without_its_words(plain, command, rc, says):
    plain.write("godwit.yaml", f"envs:\n  production:\n    url: postgres://127.0.0.1:{servers.free_port()}/d\n"
                               f"    user: u\n    password: !exec TOKEN={SECRET} {command}\n")
    failed = plain.run("up").expect(rc, err_contains=["error: godwit.yaml:5:", *says], err_lacks=[SECRET, "two-of"])
    assert SECRET not in plain.run("up", "--json").expect(rc).out + failed.out


def test_an_interrupt_ends_a_secret_command(plain):
    plain.write("godwit.yaml", "url: !exec touch begun; sleep 20; echo sqlite:a.db\n")
    running = plain.start("up")
    eventually((plain.cwd / "begun").exists, what="the command")
    running.signal()
    assert running.end(15).expect(130, err_contains="interrupted").seconds < 10


# ---- which environment ----

ENVS = """
    envs:
      local: { url: "sqlite:local.db" }
      staging: { url: "sqlite:staging.db" }
      production: { url: "sqlite:production.db" }
"""


@pytest.mark.parametrize("text, args, env, chosen, target", [
    (ENVS, ["--env", "staging"], {"GODWIT_ENV": "production", "APP_ENV": "local"}, "staging", "sqlite:staging.db"),
    (ENVS, [], {"GODWIT_ENV": "production", "APP_ENV": "staging"}, "production", "sqlite:production.db"),
    (ENVS, [], {"APP_ENV": "staging"}, "staging", "sqlite:staging.db"),
    (ENVS, [], {"APP_ENV": "ci"}, "local", "sqlite:local.db"),
    (ENVS, [], {}, "local", "sqlite:local.db"),
    (ENVS, ["--url", "sqlite:x.db"], {"APP_ENV": "staging"}, "staging", "sqlite:x.db"),
    ("envs: { only: { url: 'sqlite:only.db' } }\n", [], {}, "only", "sqlite:only.db"),
    ("url: sqlite:top.db\nenvs: { only: { url: 'sqlite:only.db' } }\n", [], {}, None, "sqlite:top.db"),
    ("url: sqlite:top.db\nenvs: { only: { url: 'sqlite:only.db' } }\n", ["--env", "only"], {}, "only", "sqlite:only.db"),
    ("url: sqlite:top.db\n", [], {"APP_ENV": "production"}, None, "sqlite:top.db"),
])
def test_the_environment_is_chosen_by_rule(plain, text, args, env, chosen, target):
    plain.write("godwit.yaml", lines(text))
    report = plain.run("--json", *args, "status", env=env).expect(0).report
    assert (report.get("env"), report["target"]) == (chosen, target)


def test_the_environment_is_what_directives_compare_unless_app_env_says_otherwise(plain):
    plain.write("godwit.yaml", lines(ENVS))
    plain.folder({"0001_a.sql": f"-- godwit:skip-on staging\n{TABLE}"})
    plain.run("up", "--pretend", "--env", "staging").expect(0, out_contains="would skip 0001 a")
    plain.run("up", "--pretend", "--env", "staging", env={"APP_ENV": "demo"}).expect(0, out_contains="would apply 0001 a")
    plain.run("up", "--pretend", "--env", "local", "--app-env", "staging").expect(0, out_contains="would skip 0001 a")


def test_a_setting_of_the_environment_beats_the_same_at_the_top(plain):
    plain.write("godwit.yaml", "migrations: top\nhistory: top_h\nenvs: { e: { url: 'sqlite:e.db', migrations: own } }\n")
    plain.folder({"0001_own.sql": TABLE}, "own")
    plain.run("up").expect(0, out_contains="applied 0001 own")
    assert {"a", "top_h"} <= set(servers.SQLite({"folder": str(plain.cwd)}).database("e").tables())


# ---- ${…} ----


@pytest.mark.parametrize("value, env, target", [
    ("sqlite:${NAME}.db", {"NAME": "said"}, "sqlite:said.db"),
    ("sqlite:${NAME:-unsaid}.db", {}, "sqlite:unsaid.db"),
    ("sqlite:${NAME:-unsaid}.db", {"NAME": ""}, "sqlite:unsaid.db"),
    ("sqlite:${NAME:-unsaid}.db", {"NAME": "said"}, "sqlite:said.db"),
    ("sqlite:$${NAME}.db", {"NAME": "said"}, "sqlite:$%7BNAME%7D.db"),
    ("sqlite:a$NAME.db", {"NAME": "said"}, "sqlite:a$NAME.db"),
    ("${WHOLE}", {"WHOLE": "sqlite:whole.db"}, "sqlite:whole.db"),
])
def test_variables_are_put_into_values(plain, value, env, target):
    plain.write("godwit.yaml", f'url: "{value}"\n')
    assert seen_target(plain, [], env) == target


def test_variables_come_from_dotenv_too_and_hooks_are_left_to_their_shell(plain):
    plain.write(".env", "NAME=dotted\n")
    plain.write("godwit.yaml", 'url: "sqlite:${NAME}.db"\nhooks: { after_up: "cat > /dev/null; echo hook says ${NAME}" }\n')
    plain.run("up").expect(0, err_contains="hook says dotted")
    assert (plain.cwd / "dotted.db").exists()


def test_a_variable_that_nobody_needs_may_be_missing(plain):
    plain.write("godwit.yaml", 'url: "sqlite:a.db"\nenvs: { far: { url: "${FAR_URL}" } }\n')
    plain.run("status").expect(0)
    plain.run("status", "--env", "far").expect(2, err_contains=["godwit.yaml:2:22: the variable 'FAR_URL' is not set", "hint: set FAR_URL"])


# ---- what is wrong is said with its place ----


@pytest.mark.parametrize("text, says", [
    ("migratons: x\n", ["godwit.yaml:1:1: unknown key 'migratons'", "did you mean 'migrations'?"]),
    ("database_url: x\n", ["godwit.yaml:1:1: unknown key 'database_url'", "did you mean 'url'?"]),
    ("env: x\n", ["godwit.yaml:1:1: unknown key 'env'", "did you mean 'envs'?"]),
    ("url: sqlite:a.db\nenvs:\n  local: {lock_wiat: 5s}\n", ["godwit.yaml:3:11: unknown key 'lock_wiat'", "did you mean 'lock_wait'?"]),
    ("url: sqlite:a.db\nservices:\n  auth:\n    migrtions: x\n", ["godwit.yaml:4:5: unknown key 'migrtions'", "'migrations'?"]),
    ("url: sqlite:a.db\nservices: {auth: {envs: {ci: {uri: x}}}}\n", ["godwit.yaml:2:31: unknown key 'uri'", "did you mean 'url'?"]),
    ("url: sqlite:a.db\nhooks: {before: x}\n", ["godwit.yaml:2:9: unknown hook 'before'", "did you mean 'before_up'?"]),
    ("hooks: x\n", ["godwit.yaml:1:8: 'hooks' must be a map"]),
    ("envs: [a]\n", ["godwit.yaml:1:7: 'envs' must be a map"]),
    ("services: x\n", ["godwit.yaml:1:11: 'services' must be a map"]),
    ("migrations: [a]\n", ["godwit.yaml:1:13: 'migrations' must be a text, not a list"]),
    ("url: {a: b}\n", ["godwit.yaml:1:6: 'url' must be a text, not a map"]),
    ("url: sqlite:a.db\nlock_wait: soon\n", ["godwit.yaml:2:12: 'lock_wait' must be a duration, not 'soon'", "250ms"]),
    ("url: sqlite:a.db\nconnect_tries: many\n", ["godwit.yaml:2:16: 'connect_tries' must be a number, not 'many'"]),
    ("url: sqlite:a.db\ngaps: perhaps\n", ["godwit.yaml:2:7: 'gaps' must be a switch, not 'perhaps'", "true or false"]),
    ("url: sqlite:a.db\nencoding: latin1\n", ["godwit.yaml:2:11: 'encoding' must be utf8 or bytes, not 'latin1'"]),
    ("url: sqlite:a.db\nhistory: a.b.c\n", ["'a.b.c' does not name a history table", "schema.table"]),
    ("url: sqlite:a.db\nlayout: odd\n", ["there is no layout 'odd'", "native"]),
    ("url: sqlite:a.db\nurl: sqlite:b.db\n", ["godwit.yaml:2:1: the key 'url' is given twice, first in line 1"]),
    ("url: !exe foo\n", ["godwit.yaml:1:11: unknown tag '!exe' on 'url'", "!exec command"]),
    ("url: !exec\n", ["godwit.yaml:1:", "'url' is to ask a command, but names none"]),
    ("url: sqlite:a.db\nhooks: {after_up: !exec foo}\n", ["godwit.yaml:2:", "'after_up' is a command already; it takes no !exec"]),
    ("url: \"sqlite:${NOPE}.db\"\n", ["godwit.yaml:1:7: the variable 'NOPE' is not set", "${NOPE:-default}"]),
    ("url: \"sqlite:${NO PE}.db\"\n", ["godwit.yaml:1:7: a reference must read ${NAME}"]),
    ("url: sqlite:a.db\n\tgaps: true\n", ["godwit.yaml:", "this is no valid YAML"]),
    ("url: 'sqlite:a.db\n", ["godwit.yaml:1:", "this is no valid YAML"]),
    ("envs: {a: {url: 'sqlite:a.db'}, b: {url: 'sqlite:b.db'}}\n", ["no database URL is given", "--env NAME: godwit.yaml has a, b"]),
    ("services: {auth: {url: 'sqlite:a.db'}}\n", ["no database URL is given", "--service NAME, or --all: godwit.yaml has auth"]),
    (f"url: postgres://u:{SECRET}@h:99999/d\n", ["godwit.yaml:1:6: the database URL is wrong", "port"]),
    (f"url: postgres://u:{SECRET}@h/d\npasword: {SECRET}\n", ["godwit.yaml:2:1: unknown key 'pasword'", "did you mean 'password'?"]),
    (f"url: postgres://u@h/d\npassword: [{SECRET}]\n", ["godwit.yaml:2:11: 'password' must be a text, not a list"]),
])
def test_a_wrong_configuration_is_refused_with_its_place_and_a_way_out(plain, text, says):
    plain.write("godwit.yaml", text)
    wrong = plain.run("up").expect(2, err_contains=["error: ", *says], err_lacks=SECRET)
    error = plain.run("up", "--json").expect(2, out_lacks=SECRET).report["errors"][0]
    assert error["exit_code"] == 2 and error["message"] in wrong.err and error["hint"]
    assert not (plain.cwd / "a.db").exists() or "history" in text or "layout" in text


@pytest.mark.parametrize("args, env, says", [
    (["--env", "producton"], {}, ["there is no environment 'producton'", "said by: flag", "did you mean 'production'?"]),
    ([], {"GODWIT_ENV": "qa"}, ["there is no environment 'qa'", "said by: environment GODWIT_ENV", "local, staging, production"]),
    (["--service", "auth"], {}, ["there is no service 'auth'", "write it below 'services:' in godwit.yaml"]),
    (["--lock-wait", "soon"], {}, ["'lock_wait' must be a duration, not 'soon'", "'lock_wait' is said by: flag"]),
    ([], {"GODWIT_LOCK_WAIT": "soon"}, ["'lock_wait' is said by: environment GODWIT_LOCK_WAIT"]),
    ([], {"MIGRATION_TIMEOUT": "-1"}, ["'timeout' must be a duration, not '-1'", "environment MIGRATION_TIMEOUT"]),
    (["--connect-tries", "2.5"], {}, ["'connect_tries' must be a number, not '2.5'"]),
    (["--gaps=2"], {}, ["'gaps' must be a switch, not '2'"]),
    (["--encoding", "utf-16"], {}, ["'encoding' must be utf8 or bytes, not 'utf-16'"]),
    (["--hook-timeout", "x"], {"GODWIT_BEFORE_UP": "true"}, ["'hook_timeout' must be a duration, not 'x'"]),
])
def test_a_wrong_value_names_who_said_it(plain, args, env, says):
    plain.write("godwit.yaml", lines(ENVS))
    plain.run("up", *args, env=env).expect(2, err_contains=["error: ", *says])


def test_a_config_file_that_was_said_must_be_there(plain):
    plain.run("status", "--config", "conf/godwit.yaml").expect(7, err_contains=["conf/godwit.yaml", "said by: flag"])
    plain.run("status", env={"GODWIT_CONFIG": "nowhere.yaml"}).expect(7, err_contains=["nowhere.yaml", "environment GODWIT_CONFIG"])


@pytest.mark.parametrize("text, says", [
    (f"DATABASE_URL={SECRET}\nno equals {SECRET}\n", [".env:2:4: expected '=' behind the name"]),
    (f"PASSWORD='{SECRET}\n", [".env:1:10: this quote is never closed"]),
    (f"A={SECRET}${{NOPE}}\n", [".env:1:", "the variable 'NOPE' is not set"]),
    (f"1A={SECRET}\n", [".env:1:1: expected NAME=value"]),
])
def test_a_wrong_dotenv_is_refused_and_shows_no_value(plain, text, says):
    plain.write(".env", text)
    plain.run("--url", "sqlite:x.db", "up").expect(2, err_contains=["error: ", *says], err_lacks=SECRET)


# ---- single settings ----


def test_migration_timeout_is_seconds_or_a_duration(plain):
    plain.folder({"0001_slow.sql": SLOW["sqlite"] + ";\n"}, "slow")
    for text, shown in (("1", "1 s"), ("250ms", "250 ms")):
        late = plain.run("--url", "sqlite:x.db", "--dir", "slow", "up", env={"MIGRATION_TIMEOUT": text})
        late.expect(1, err_contains=[f"cancelled after {shown}: timeout has passed", "raise timeout"])
    plain.run("--url", "sqlite:x.db", "up", env={"MIGRATION_TIMEOUT": "none"}).expect(0)


def test_paths_of_the_file_are_relative_to_it_and_others_to_the_caller(plain):
    conf = plain.cwd / "conf"
    plain.folder({"0001_conf.sql": TABLE}, "conf/sql")
    plain.write("conf/godwit.yaml", "migrations: sql\nenvs: { e: { url: 'sqlite:data/app.db' } }\n")
    (conf / "data").mkdir()
    plain.run("--config", "conf/godwit.yaml", "up").expect(0, out_contains="on sqlite:conf/data/app.db")
    assert (conf / "data/app.db").exists()
    plain.run("up", "--dir", "migrations", env={"GODWIT_CONFIG": "conf/godwit.yaml", "DATABASE_URL": "sqlite:here.db"}).expect(
        0, out_contains=["applied 0001 a", "on sqlite:here.db"])
    absolute = plain.cwd / "elsewhere.db"
    plain.write("conf/godwit.yaml", f"migrations: {plain.cwd}/migrations\nurl: 'sqlite:{absolute}'\n")
    plain.run("--config", "conf/godwit.yaml", "up").expect(0, out_contains="applied 0001 a")
    assert absolute.exists()
    inside = Godwit(conf)
    plain.write("conf/godwit.yaml", "url: 'sqlite:inside.db'\n")
    plain.folder({"0001_b.sql": TABLE}, "conf/migrations")
    inside.run("up").expect(0)
    assert (conf / "inside.db").exists()


@pytest.mark.engines("postgres")
def test_a_history_in_a_schema_of_its_own_creates_that(db, godwit):
    godwit.folder({"0001_a.sql": TABLE, "0001_a_down.sql": "DROP TABLE a;\n"})
    godwit.write("godwit.yaml", "history: ops.migrations_done\n")
    godwit.run("status").expect(0)
    assert db.tables() == []
    godwit.run("up").expect(0)
    assert db.tables() == ["a", "ops.migrations_done"]
    godwit.run("redo").expect(0)
    godwit.run("verify").expect(0)
    godwit.run("history").expect(0, out_contains="3 attempts")
    assert db.value("SELECT count(*) FROM ops.migrations_done") == "3"


@pytest.mark.engines("mysql", "mariadb")
def test_a_history_in_another_database(server, db, godwit):
    ops = server.database()
    try:
        godwit.folder({"0001_a.sql": TABLE, "0001_a_down.sql": "DROP TABLE a;\n"})
        godwit.run("up", "--history", f"{ops.name}.migrations_done").expect(0)
        assert (db.tables(), ops.tables()) == (["a"], ["migrations_done"])
        godwit.run("redo", "--history", f"{ops.name}.migrations_done").expect(0)
        godwit.run("status", "--history", f"{ops.name}.migrations_done").expect(0, out_contains="1 applied")
        assert ops.value("SELECT COUNT(*) FROM migrations_done") == "3"
    finally:
        ops.drop()


def test_a_history_name_may_need_quotes(db, godwit):
    godwit.folder({"0001_a.sql": TABLE})
    godwit.run("up", "--history", "order").expect(0)
    assert "order" in db.tables()
    godwit.run("status", "--history", "order").expect(0, out_contains="1 applied")


@THREE_SERVERS
def test_a_lock_key_is_shared_by_whoever_says_the_same(db, godwit, engine):
    godwit.folder({"0001_slow.sql": SLOW[engine] + ";\n"})
    other = {"history": "other_history", "lock_wait": "300ms", "lock_poll": "50ms"}
    for number, key in enumerate(("4711", f"team-{db.name}"), 1):
        godwit.folder({f"000{number}_b.sql": f"CREATE TABLE b{number} (id INTEGER);\n"}, "others")
        first = godwit.start("up", "--lock-key", key, "--retries", "0")
        eventually(lambda key=key: "held" in godwit.run("lock", "--lock-key", key).out, what="the lock")
        godwit.run("lock", "--lock-key", key).expect(0, out_contains=f"key {key}")
        options = [f"--{name.replace('_', '-')}={value}" for name, value in other.items()]
        godwit.run("up", "--dir", "others", "--lock-key", key, *options).expect(5, err_contains="holds the lock")
        godwit.run("up", "--dir", "others", *options).expect(0)
        godwit.run("db", "wait").expect(0)
        godwit.run("lock", "release", "--force", "--lock-key", key).expect(0)
        first.end(20)


def test_encoding_bytes_accepts_what_is_no_utf8(sqlite, tmp_path):
    database = sqlite.database()
    godwit = Godwit(tmp_path, database.url)
    godwit.folder({"0001_a.sql": b"CREATE TABLE a (note TEXT);\nINSERT INTO a VALUES ('caf\xe9');\n"})
    godwit.run("up").expect(3, err_contains=["migrations/0001_a.sql:2:27", "UTF-8", "encoding: bytes"])
    godwit.write("godwit.yaml", "encoding: bytes\n")
    godwit.run("up").expect(0)
    assert database.query("SELECT hex(note) FROM a") == [("636166E9",)]
    godwit.run("verify").expect(0)
    database.drop()


def test_further_prefixes_of_directives(plain):
    plain.folder({"0001_a.sql": f"-- renewa:atlas:skip-on staging,production\n{TABLE}",
                  "0002_b.sql": "-- renewa:only-on production\nCREATE TABLE b (id INTEGER);\n",
                  "0003_c.sql": "-- team: a word of ours\nCREATE TABLE c (id INTEGER);\n"})
    plain.write("godwit.yaml", "url: sqlite:a.db\ndirectives: [renewa]\n")
    plain.run("up", "--pretend", env={"APP_ENV": "staging"}).expect(
        0, out_contains=["would skip 0001 a", "would skip 0002 b", "would apply 0003 c"])
    plain.run("up", "--pretend", env={"APP_ENV": "production"}).expect(0, out_contains=["would skip 0001 a", "would apply 0002 b"])
    plain.run("up", "--pretend", env={"APP_ENV": "dev"}).expect(0, out_contains=["would apply 0001 a", "would skip 0002 b"])
    plain.run("up", "--pretend", "--directives", "renewa,team").expect(3, err_contains=["0003_c.sql:1:", "team:"])
    plain.run("up", "--pretend", "--directives=", env={"APP_ENV": "staging"}).expect(0, out_contains="would apply 0001 a")


def test_a_switch_in_the_file_is_undone_by_a_flag(plain):
    plain.folder({"0003_c.sql": "CREATE TABLE c (id INTEGER);\n"})
    plain.write("godwit.yaml", "url: sqlite:a.db\ngaps: yes\n")
    plain.run("up", "--pretend").expect(0)
    plain.run("up", "--pretend", "--gaps=false").expect(3, err_contains="0003_c.sql")
    plain.run("up", "--pretend", env={"GODWIT_GAPS": "off"}).expect(3)
    os.remove(plain.cwd / "godwit.yaml")
    plain.run("--url", "sqlite:a.db", "up", "--pretend").expect(3)
