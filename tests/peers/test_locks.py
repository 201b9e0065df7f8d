"""Each tool's own lock, while the tool itself is at work: an adoption says who has it, and takes nothing over.

sqlx is not among them: its library has a lock, its program takes none."""
import pytest

import test_go
import test_jvm
from godwit import eventually

SERVERS = ("postgres", "mariadb", "mysql")
# What a file of the tool is called, and what stands around a statement in it.
FILES = {"atlas": "2026010{n}000000_{name}.sql", "flyway": "V{n}__{name}.sql", "golang-migrate": "{n}_{name}.up.sql",
         "node-pg-migrate": "176722560000{n}_{name}.sql", "tern": "00{n}_{name}.sql"}
TEXTS = {"node-pg-migrate": "-- Up Migration\n{}\n", "tern": "{}\n\n---- create above / drop below ----\n"}


def command_of(name, tool, db, engine):
    """Applies everything."""
    s = db.server
    postgres_url = db.url + "?sslmode=disable"
    if name == "flyway":
        return ["java", "-cp", f"{tool.folder}/lib/*", test_jvm.JAVA / "FlywayPeer.java", *test_jvm.jdbc(db, engine), "migrations", "migrate"]
    if name == "golang-migrate":
        where = postgres_url if engine == "postgres" else "mysql://" + test_go.go_mysql(db)
        return ["migrate", "-path", "migrations", "-database", where, "up"]
    if name == "atlas":
        where = ["postgres", postgres_url] if engine == "postgres" else ["mysql", test_go.go_mysql(db) + "?parseTime=true"]
        return ["atlas", *where, "migrations", "apply"]
    if name == "tern":
        return ["tern", "migrate", "--migrations", "migrations", "--host", s.host, "--port", s.port, "--user", s.user, "--password", s.password,
                "--database", db.name, "--sslmode", "disable"]
    return ["node-pg-migrate", "up"]


def check(db, godwit, engine, tool):
    name = tool.name
    slow, begin = ("SELECT pg_sleep(8);", "SELECT pg_sleep") if engine == "postgres" else ("SELECT SLEEP(8);", "SELECT SLEEP")

    def write(n, about, statement):
        godwit.folder({FILES[name].format(n=n, name=about): TEXTS.get(name, "{}\n").format(statement)})
        if name == "atlas":
            tool.run("atlas", "sqlite", "", "migrations", "hash")

    command = command_of(name, tool, db, engine)
    tool.env["DATABASE_URL"] = db.url
    write(1, "users", "CREATE TABLE users (id integer);")
    tool.run(*command)
    write(2, "slow", slow)
    with tool.running(*command):
        # Some send a file as one text, at whose head a comment of theirs may stand.
        eventually(lambda: db.executes(begin) or db.executes("%" + begin), seconds=60, what=f"{name} at work")
        godwit.run("adopt").expect(5, err_contains=[f"{name} is at work: ", "holds its lock"])
        assert "0 attempts" in godwit.run("history").out
    godwit.run("adopt").expect(0, err_contains=f"took over 2 migrations of {name}")


@pytest.mark.engines(*SERVERS)
@pytest.mark.parametrize("name", ["atlas", "flyway", "golang-migrate"])
def test_whoever_holds_the_lock_is_named(launch, godwit, engine, peer, name):
    db = launch(engine).database()  # some locks are of the whole server
    godwit.url = db.url
    check(db, godwit, engine, peer(name))


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("name", ["node-pg-migrate", "tern"])
def test_whoever_holds_the_lock_of_a_tool_for_postgres_is_named(db, godwit, engine, peer, name):
    check(db, godwit, engine, peer(name))
