"""Folders in another layout: the same database comes out of them, for godwit and for the tools that they are for."""
import os
import sqlite3
import subprocess

import pytest

IDENTITY = {"SQITCH_FULLNAME": "A Tester", "SQITCH_EMAIL": "tester@example.org"}
LAYOUTS = ("up-down", "atlas", "dbmate", "diesel", "drizzle", "flyway", "goose", "graphile-migrate", "drizzle-journal", "liquibase", "manifest",
           "node-pg-migrate", "prisma", "sqitch", "sql-migrate", "tern", "yoyo")
WITHOUT_DOWN = ("atlas", "graphile-migrate", "drizzle-journal")

PLAIN = {
    "0001_users.sql": "-- the people\nCREATE TABLE users (id integer, name varchar(20)); -- as they are\nINSERT INTO users VALUES (1, 'a;b');\n",
    "0001_users_down.sql": "DROP TABLE users;\n",
    "0003_more.sql": "CREATE TABLE tags (id integer); INSERT INTO tags VALUES (7);\n\n-- and that is all\nUPDATE users SET name = '--' WHERE id = 1;\n",
    "0003_more_down.sql": "UPDATE users SET name = 'a;b' WHERE id = 1;\nDROP TABLE tags;\n",
}
BODIES = {
    "sqlite": ("CREATE TRIGGER seen AFTER INSERT ON users BEGIN\n    UPDATE users SET name = 'seen';\n    SELECT 1;\nEND;\n", "DROP TRIGGER seen;\n"),
    "postgres": ("CREATE FUNCTION one() RETURNS integer LANGUAGE plpgsql AS $$\nBEGIN\n    PERFORM 1;\n    RETURN 1;\nEND $$;\n", "DROP FUNCTION one();\n"),
    "mariadb": ("CREATE PROCEDURE tick()\nBEGIN\n    INSERT INTO users VALUES (2, 'c');\n    SELECT 1;\nEND;\n", "DROP PROCEDURE tick;\n"),
}
BODIES["mysql"] = BODIES["mariadb"]


def rich(engine):
    """With a body in the middle, and on PostgreSQL what must not be in a transaction at its end."""
    up, down = BODIES[engine]
    files = PLAIN | {"0002_body.sql": up, "0002_body_down.sql": down}
    if engine == "postgres":
        files |= {"0004_index.sql": "CREATE INDEX CONCURRENTLY users_id ON users (id);\n", "0004_index_down.sql": "DROP INDEX users_id;\n"}
    return files


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def leaves_nothing(godwit, *names):
    """What was not finished is not there, under no name."""
    assert not [path.name for path in godwit.cwd.iterdir() if path.name in names or path.name.startswith(".godwit-")]


def convert(godwit, layout, *more, folder="converted"):
    return godwit.run("convert", folder, "--to", layout, *more)


# ---- with godwit ----


def test_every_layout_makes_the_same_database(db, godwit, engine, server):
    migrations = godwit.folder(rich(engine))
    before = contents(migrations)
    godwit.run("up").expect(0)
    expected = db.dump(data=True)
    for layout in LAYOUTS:
        other = server.database()
        convert(godwit, layout, *(("--without", "down") if layout in WITHOUT_DOWN else ()), folder=layout).expect(0, out_contains=f"{layout}/")
        place = ("--url", other.url, "--dir", layout, "--layout", layout)
        godwit.run(*place, "up", url=None).expect(0, out_contains=f"{len([name for name in before if '_down' not in name])} migrations in")
        assert other.dump(data=True) == expected, layout
        if layout not in WITHOUT_DOWN:
            godwit.run(*place, "down", "0", url=None).expect(0)
            assert other.tables() in ([], ["godwit_history"]), layout
        other.drop()
    assert contents(migrations) == before


def test_there_and_back_again(db, godwit, engine):
    godwit.folder(rich(engine))
    godwit.run("up").expect(0)
    for layout in LAYOUTS:
        if layout not in WITHOUT_DOWN:
            convert(godwit, layout, folder=layout).expect(0)
            godwit.run("--dir", layout, "--layout", layout, "convert", f"{layout}-back", "--to", "native").expect(0)
            back = contents(godwit.cwd / f"{layout}-back")
            assert len(back) == len(rich(engine)), back


def test_a_sum_file_is_kept_and_atlas_has_one(godwit):
    godwit.url = "sqlite:app.db"
    godwit.folder(PLAIN | {"0002_body.sql": "SELECT 1;\n"})
    convert(godwit, "goose", folder="none").expect(0, out_lacks="sum")
    convert(godwit, "atlas", "--without", "down", folder="atlas").expect(0, out_contains="atlas/atlas.sum", err_contains="left out: 2 × a way down")
    godwit.run("hash").expect(0)
    convert(godwit, "diesel", folder="diesel").expect(0, out_contains="diesel/godwit.sum")
    for folder in ("atlas", "diesel"):
        godwit.run("--dir", folder, "validate").expect(0, out_contains="the folder is in order", err_lacks="has no sum file")
    (godwit.cwd / "migrations/0002_body.sql").write_text("SELECT 2;\n")
    convert(godwit, "goose").expect(3, err_contains=["godwit.sum:", "0002_body.sql was edited"])
    leaves_nothing(godwit, "converted")


def test_a_signature_is_not_that_of_the_new_folder(godwit):
    godwit.url = "sqlite:app.db"
    godwit.folder({"0001_a.sql": "SELECT 1;\n"})
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", godwit.cwd / "key.pem"], check=True, capture_output=True)
    godwit.run("hash", "--sign", "key.pem").expect(0)
    convert(godwit, "goose").expect(0, out_contains="converted/godwit.sum", err_contains="migrations/godwit.sum.sig is not of the new folder")
    assert sorted(contents(godwit.cwd / "converted")) == ["0001_a.sql", "godwit.sum"]


def test_a_folder_that_does_not_look_like_it_is_told(godwit):
    godwit.url = "sqlite:app.db"
    godwit.folder({"0001_a.sql": "SELECT 1;\n"})
    convert(godwit, "tern", folder="tern").expect(0, err_contains="say `layout: tern`")
    convert(godwit, "goose", folder="goose").expect(0, err_lacks="layout:")


def test_the_report_names_the_files(godwit):
    godwit.url = "sqlite:app.db"
    godwit.folder({"0001_a.sql": "SELECT 1;\n", "0001_a_down.sql": "SELECT 2;\n"})
    report = convert(godwit, "sqitch", "--json").expect(0).report
    assert report["files_written"] == [f"converted/{name}" for name in ("deploy/a.sql", "revert/a.sql", "sqitch.conf", "sqitch.plan")]


def test_an_empty_folder_is_filled_and_its_parents_are_made(godwit):
    godwit.url = "sqlite:app.db"
    godwit.folder({"0001_a.sql": "SELECT 1;\n"})
    (godwit.cwd / "converted").mkdir()
    convert(godwit, "goose", folder="converted/").expect(0)
    convert(godwit, "goose", folder="deep/er/new").expect(0)
    assert list(contents(godwit.cwd / "deep/er/new")) == ["0001_a.sql"]
    assert (godwit.cwd / "converted").stat().st_mode & 0o777 == (godwit.cwd / "migrations").stat().st_mode & 0o777


def test_line_ends_and_a_byte_order_mark_of_another_system(godwit):
    godwit.url = "sqlite:app.db"
    godwit.folder({"0001_a.sql": "\ufeff-- why\r\nCREATE TABLE a (\r\n  id integer\r\n);\r\n\r\n-- and\r\nCREATE TABLE b (id integer);\r\n"})
    for layout in LAYOUTS:
        convert(godwit, layout, folder=layout).expect(0)
        godwit.run("--dir", layout, "--layout", layout, "up", url=f"sqlite:{layout}.db").expect(0, out_contains="1 migration in")
    assert contents(godwit.cwd / "goose")["0001_a.sql"] == (
        b"-- +goose Up\n-- why\nCREATE TABLE a (\r\n  id integer\r\n);\n\n-- and\nCREATE TABLE b (id integer);\n")


# ---- what is refused ----


@pytest.mark.parametrize("arguments, rc, words", [
    (["converted"], 2, ["the layout of the new folder is missing", "--to goose"]),
    (["", "--to", "goose"], 2, ["the name of the new folder is missing"]),
    (["converted", "--to", "goos"], 2, ["there is no layout 'goos'", "did you mean 'goose'?"]),
    (["converted", "--to", "native"], 2, ["migrations has the layout native already"]),
    (["converted", "--to", "goose", "--without", "down,ups"], 2, ["'ups' cannot be left out", "down, verify, repeatable, checkpoint"]),
    (["full", "--to", "goose"], 7, ["full is there already"]),
    (["migrations/0001_a.sql", "--to", "goose"], 7, ["migrations/0001_a.sql is there already"]),
    (["migrations/new", "--to", "goose"], 7, ["migrations/new would be within migrations"]),
    (["migrations/new/er", "--to", "goose"], 7, ["would be within migrations"]),
    (["full/file/new", "--to", "goose"], 7, ["full/file"]),
    (["converted", "--to", "atlas"], 3, ["the layout atlas has no place for a way down: migrations/0001_a_down.sql", "--without down"]),
    (["converted", "--to", "tern"], 3, ["migrations/0002_b.sql:1:9: this is a Go template", "read again as the layout tern", "hint:"]),
    (["converted", "--to", "liquibase"], 3, ["migrations/0003_c.sql:2:1: this line would be a mark of the layout liquibase", "hint:"]),
    (["--dir", "empty", "converted", "--to", "goose"], 3, ["there is no migration in empty"]),
    (["--dir", "nowhere", "converted", "--to", "goose"], 7, ["there is no migrations folder nowhere"]),
    (["--url", "oracle:x", "converted", "--to", "goose"], 2, ["does not begin with a scheme", "which SQL the files are in"]),
])
def test_what_cannot_be_done_is_refused(godwit, arguments, rc, words):
    godwit.folder({"0001_a.sql": "SELECT 1;\n", "0001_a_down.sql": "SELECT 2;\n", "0002_b.sql": "SELECT '{{';\n",
                   "0003_c.sql": "SELECT '\n--rollback SELECT';\n"})
    godwit.folder({"file": ""}, "full")
    godwit.folder({}, "empty")
    before = contents(godwit.cwd)
    godwit.run("--url", "sqlite:app.db", "convert", *arguments).expect(rc, err_contains=words)
    assert contents(godwit.cwd) == before
    leaves_nothing(godwit, "converted")


def test_the_kind_of_database_must_be_known(godwit):
    godwit.folder({"0001_a.sql": "SELECT 1;\n"})
    convert(godwit, "goose").expect(2, err_contains="which SQL the files are in the kind of database tells")
    leaves_nothing(godwit, "converted")


def test_a_folder_for_another_database_is_refused(godwit):
    godwit.url = "sqlite:app.db"
    godwit.folder({"migration_lock.toml": 'provider = "mysql"\n', "0001_a/migration.sql": "SELECT 1;\n"})
    convert(godwit, "goose").expect(3, err_contains="written for mysql")


# ---- with the tools ----


def tool(godwit, *command):
    done = subprocess.run([str(c) for c in command], cwd=godwit.cwd, capture_output=True, text=True, timeout=120, check=False,
                          env=os.environ | IDENTITY | {"HOME": str(godwit.home), "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def look(path):
    """What is in a file of SQLite, but for what tools keep of themselves."""
    with sqlite3.connect(path) as file:
        objects = file.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        own = [one for one in objects if not one[1].lstrip("_").startswith(("godwit_", "gorp_", "yoyo", "sqlite_"))]
        rows = {name: file.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for kind, name, _ in own if kind == "table"}
    return own, rows


def dump(db, engine, path, registry):
    """Without the tables in which the tool remembers."""
    if engine == "sqlite":
        return look(path)
    db.script(registry)
    return db.dump(data=True)


def expected(godwit, engine, server):
    """What godwit makes of the folder that is converted."""
    if engine == "sqlite":
        godwit.run("up", url=f"sqlite:{godwit.cwd}/expected.db").expect(0)
        return look(godwit.cwd / "expected.db")
    other = server.database()
    godwit.run("up", url=other.url).expect(0)
    text = other.dump(data=True)
    other.drop()
    return text


def at(godwit, db, engine):
    """Where the tool works, for itself and for its settings."""
    path = godwit.cwd / "tool.db"
    if engine == "sqlite":
        godwit.url = f"sqlite:{path}"
    return path


@pytest.mark.engines("sqlite", "postgres")
def test_sqitch_deploys_and_reverts_it(db, godwit, engine, server):
    godwit.folder(rich(engine) | {"0001_users.verify.sql": "SELECT id FROM users WHERE 0 = 1;\n"})
    path = at(godwit, db, engine)
    target = f"db:sqlite:{path}" if engine == "sqlite" else "db:pg" + db.url.removeprefix("postgres").split("?")[0]
    wanted = expected(godwit, engine, server)
    convert(godwit, "sqitch").expect(0)
    tool(godwit, "sqitch", "-C", "converted", "deploy", "--verify", target)
    assert dump(db, engine, path, "") is not None
    tool(godwit, "sqitch", "-C", "converted", "verify", target)
    tool(godwit, "sqitch", "-C", "converted", "revert", "-y", target)
    tool(godwit, "sqitch", "-C", "converted", "deploy", target)
    assert dump(db, engine, path, "DROP SCHEMA sqitch CASCADE;") == wanted


@pytest.mark.engines("sqlite", "postgres")
def test_sql_migrate_applies_and_reverts_it(db, godwit, engine, server):
    godwit.folder(rich(engine))
    path = at(godwit, db, engine)
    s = db.server
    settings = {"dialect": "sqlite3", "datasource": str(path)} if engine == "sqlite" else {
        "dialect": "postgres", "datasource": f"host={s.host} port={s.port} user={s.user} password={s.password} dbname={db.name} sslmode=disable"}
    godwit.write("dbconfig.yml", "development:\n" + "".join(f"  {key}: {value}\n" for key, value in (settings | {"dir": "converted"}).items()))
    wanted = expected(godwit, engine, server)
    convert(godwit, "sql-migrate").expect(0)
    tool(godwit, "sql-migrate", "up")
    tool(godwit, "sql-migrate", "down", "-limit=0")
    tool(godwit, "sql-migrate", "up")
    assert dump(db, engine, path, "DROP TABLE gorp_migrations;") == wanted


@pytest.mark.engines("sqlite")
def test_yoyo_applies_and_reverts_it(godwit, engine, server, db):
    godwit.folder(rich(engine))
    path = at(godwit, db, engine)
    wanted = expected(godwit, engine, server)
    convert(godwit, "yoyo").expect(0)
    yoyo = ("--batch", "--no-config-file", "--database", f"sqlite:///{path}", "converted")
    tool(godwit, "yoyo", "apply", *yoyo)
    tool(godwit, "yoyo", "rollback", *yoyo)
    tool(godwit, "yoyo", "apply", *yoyo)
    assert look(path) == wanted
