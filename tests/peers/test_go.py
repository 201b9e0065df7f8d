"""Real servers, migrated by tools written in Go, taken over, taken further, and the tools still happy."""
import pytest

from tools import apply_one, newest, same_as_alone, take_over

ENGINES = ("sqlite", "postgres", "mariadb", "mysql")


def go_mysql(db):
    s = db.server
    return f"{s.user}:{s.password}@tcp({s.host}:{s.port})/{db.name}"


# ---- goose ----


def goose_file(table):
    return f"-- +goose Up\nCREATE TABLE {table} (id integer);\n\n-- +goose Down\nDROP TABLE {table};\n"


@pytest.mark.engines(*ENGINES)
def test_goose(db, godwit, engine, peer):
    tool = peer("goose")

    def goose(command, other=db, **how):
        where = {"sqlite": ["sqlite3", str(db.server.path(other.name))] if engine == "sqlite" else [],
                 "postgres": ["postgres", other.url + "?sslmode=disable"]}.get(engine) or ["mysql", go_mysql(other) + "?parseTime=true"]
        return tool.run("goose", "-dir", "migrations", *where, command, **how)

    godwit.folder({"00001_users.sql": goose_file("users"), "00002_orders.sql": goose_file("orders"), "00003_gone.sql": goose_file("gone")})
    goose("up")
    goose("down")  # which it records by taking the row away
    (godwit.cwd / "migrations/00003_gone.sql").unlink()
    take_over(godwit, "goose", 2)
    assert "no migrations to run" in goose("up")
    godwit.run("new", "tags").expect(0)
    made = newest(godwit.cwd / "migrations")
    assert "-- +goose Up" in made.read_text()
    made.write_text(goose_file("tags"))
    apply_one(godwit)
    same_as_alone(db, lambda other: goose("up", other))
    assert made.name in [line.split()[-1] for line in goose("status").splitlines() if "Pending" in line], "it keeps its own list"
    godwit.run("down").expect(0)
    goose("up")
    assert "Pending" not in goose("status")


# ---- golang-migrate ----


@pytest.mark.engines(*ENGINES)
def test_golang_migrate(db, godwit, engine, peer):
    tool = peer("golang-migrate")

    def migrate(*command, other=db, **how):
        where = {"sqlite": f"sqlite://{db.server.path(other.name)}" if engine == "sqlite" else "", "postgres": other.url + "?sslmode=disable"}
        return tool.run("migrate", "-path", "migrations", "-database", where.get(engine) or "mysql://" + go_mysql(other), *command, **how)

    godwit.folder({f"00000{n}_{table}.{way}.sql": text + ";\n" for n, table in ((1, "users"), (2, "orders"))
                   for way, text in (("up", f"CREATE TABLE {table} (id integer)"), ("down", f"DROP TABLE {table}"))})
    migrate("up")
    take_over(godwit, "golang-migrate", 2, says=["golang-migrate keeps only the newest version, 2: that the 1 before it were applied is assumed"])
    assert "no change" in migrate("up")
    godwit.run("new", "tags").expect(0)
    made = max((godwit.cwd / "migrations").glob("*_tags.up.sql"))
    made.write_text("CREATE TABLE tags (id integer);\n")
    made.with_name(made.name.replace(".up.", ".down.")).write_text("DROP TABLE tags;\n")
    apply_one(godwit)
    same_as_alone(db, lambda other: migrate("up", other=other))
    # It goes by its own row; `force` moves that, and runs nothing.
    assert migrate("version").strip() == "2"
    migrate("force", "3")
    assert "no change" in migrate("up")


@pytest.mark.engines(*ENGINES)
def test_golang_migrate_that_failed(db, godwit, engine, peer):
    tool = peer("golang-migrate")
    where = {"sqlite": f"sqlite://{db.server.path(db.name)}" if engine == "sqlite" else "", "postgres": db.url + "?sslmode=disable"}
    godwit.folder({"1_users.up.sql": "CREATE TABLE users (id integer);\n", "2_bad.up.sql": "CREATE TABLE users (id integer);\n"})
    tool.run("migrate", "-path", "migrations", "-database", where.get(engine) or "mysql://" + go_mysql(db), "up", rc=1)
    godwit.run("adopt").expect(1, err_contains="golang-migrate stopped in 2")
    tool.run("migrate", "-path", "migrations", "-database", where.get(engine) or "mysql://" + go_mysql(db), "force", "1")
    godwit.run("adopt").expect(0, err_contains="took over 1 migration of golang-migrate")


# ---- tern ----


@pytest.mark.engines("postgres")
def test_tern(db, godwit, peer):
    tool = peer("tern")

    def tern(command, other=db, **how):
        s = db.server
        return tool.run("tern", command, "--migrations", "migrations", "--host", s.host, "--port", s.port, "--user", s.user, "--password",
                        s.password, "--database", other.name, "--sslmode", "disable", **how)

    def text(table):
        return f"CREATE TABLE {table} (id integer);\n\n---- create above / drop below ----\n\nDROP TABLE {table};\n"

    godwit.folder({"001_users.sql": text("users"), "002_orders.sql": text("orders")})
    tern("migrate")
    take_over(godwit, "tern", 2, says=["tern keeps only the newest version, 2: that the 1 before it were applied is assumed"])
    tern("migrate")
    godwit.run("new", "tags").expect(0)
    made = newest(godwit.cwd / "migrations")
    assert made.name == "003_tags.sql"
    made.write_text(text("tags"))
    apply_one(godwit)
    same_as_alone(db, lambda other: tern("migrate", other))
    assert "migration(s) pending" in tern("status")
    godwit.run("down").expect(0)
    tern("migrate")
    assert "up to date" in tern("status")


# ---- Atlas ----

PART = """-- A table.
CREATE TABLE orders (id integer);

/* Two rows, and
   a comment with ; in it. */
INSERT INTO orders VALUES (1); -- behind it
INSERT INTO orders VALUES (2) /* before its end */ ;
-- {failing}
CREATE TABLE {table} (id integer);

INSERT INTO orders VALUES (3)
"""


@pytest.mark.engines(*ENGINES)
def test_atlas(db, godwit, engine, peer):
    tool = peer("atlas")

    def atlas(command, other=db, **how):
        kind, where = {"sqlite": ("sqlite", str(db.server.path(other.name)) if engine == "sqlite" else ""),
                       "postgres": ("postgres", other.url + "?sslmode=disable")}.get(engine) or ("mysql", go_mysql(other) + "?parseTime=true")
        return tool.run("atlas", kind, where, "migrations", command, **how)

    godwit.folder({"20260101000000_users.sql": "CREATE TABLE users (id integer);\n",
                   "20260102000000_orders.sql": PART.format(failing="it is there", table="users")})
    atlas("hash")
    atlas("apply", rc=1)
    assert db.value("SELECT applied FROM atlas_schema_revisions WHERE version = '20260102000000'") == "3", "it stopped in the second"
    godwit.run("adopt").expect(0, err_contains=["took over 2 migrations of atlas", "2 of them have the content that atlas kept a hash of",
                                                "atlas stopped in 20260102000000 behind statement 3 of 5: `godwit up` goes on there"])
    godwit.folder({"20260102000000_orders.sql": PART.format(failing="it is mended", table="tags")})
    godwit.run("hash").expect(0)
    godwit.run("up").expect(0, out_contains="1 migration in")
    assert db.value("SELECT count(*) FROM orders") == "3", "nothing ran twice"
    godwit.run("status", "--exit-code").expect(0, out_contains="2 applied, 0 pending")
    same_as_alone(db, lambda other: atlas("apply", other))


@pytest.mark.engines(*ENGINES)
def test_atlas_that_applied_everything(db, godwit, engine, peer):
    tool = peer("atlas")
    kind, where = {"sqlite": ("sqlite", str(db.server.path(db.name)) if engine == "sqlite" else ""),
                   "postgres": ("postgres", db.url + "?sslmode=disable")}.get(engine) or ("mysql", go_mysql(db) + "?parseTime=true")
    godwit.folder({"20260101000000_users.sql": "CREATE TABLE users (id integer);\n", "20260102000000_orders.sql": "CREATE TABLE orders (id integer);\n"})
    for command in ("hash", "apply"):
        tool.run("atlas", kind, where, "migrations", command)
    take_over(godwit, "atlas", 2, says=["2 of them have the content that atlas kept a hash of"])
    assert "No migration files to execute" in tool.run("atlas", kind, where, "migrations", "apply")
    godwit.run("new", "tags").expect(0)
    newest_sql = max((godwit.cwd / "migrations").glob("*_tags.sql"))
    newest_sql.write_text("CREATE TABLE tags (id integer);\n")
    godwit.run("hash").expect(0)
    apply_one(godwit)
    tool.run("atlas", kind, where, "migrations", "apply", rc=1)  # it keeps its own list, and would run this one again
