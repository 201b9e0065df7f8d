"""Real servers, migrated by diesel and sqlx, taken over, taken further, and the tools still happy."""
import pytest

from tools import apply_one, same_as_alone, take_over


# ---- diesel ----


@pytest.mark.engines("sqlite", "postgres")
def test_diesel(db, godwit, engine, peer):
    tool = peer("diesel")

    def diesel(command, other=db, **how):
        where = str(db.server.path(other.name)) if engine == "sqlite" else other.url
        return tool.run("diesel", "migration", command, "--migration-dir", "migrations", "--database-url", where, **how)

    for day, table in ((1, "users"), (2, "orders")):
        godwit.folder({f"2026-01-0{day}-100000_{table}/up.sql": f"CREATE TABLE {table} (id integer);\n",
                       f"2026-01-0{day}-100000_{table}/down.sql": f"DROP TABLE {table};\n"})
    diesel("run")
    take_over(godwit, "diesel", 2)
    diesel("run")
    godwit.run("new", "tags").expect(0)
    made = max(godwit.cwd.glob("migrations/*_tags"))
    (made / "up.sql").write_text("CREATE TABLE tags (id integer);\n")
    (made / "down.sql").write_text("DROP TABLE tags;\n")
    apply_one(godwit)
    same_as_alone(db, lambda other: diesel("run", other))
    assert f"[ ] {made.name}" in diesel("list"), "it keeps its own list"
    godwit.run("down").expect(0)
    diesel("run")
    assert f"[X] {made.name}" in diesel("list")


# ---- sqlx ----


@pytest.mark.engines("sqlite", "postgres", "mariadb", "mysql")
def test_sqlx(db, godwit, engine, peer):
    tool = peer("sqlx")

    def sqlx(command, other=db, **how):
        where = {"sqlite": other.url + "?mode=rwc", "postgres": other.url}.get(engine) or other.server.url(other.name, scheme="mysql")
        return tool.run("sqlx", "migrate", command, "--source", "migrations", "--database-url", where, **how)

    for day, table in ((1, "users"), (2, "orders")):
        godwit.folder({f"2026010{day}100000_{table}.up.sql": f"CREATE TABLE {table} (id integer);\n",
                       f"2026010{day}100000_{table}.down.sql": f"DROP TABLE {table};\n"})
    sqlx("run")
    take_over(godwit, "sqlx", 2, says=["2 of them have the content that sqlx kept a hash of"])
    sqlx("run")
    godwit.run("new", "tags").expect(0)
    made = max(godwit.cwd.glob("migrations/*_tags.up.sql"))
    made.write_text("CREATE TABLE tags (id integer);\n")
    made.with_name(made.name.replace(".up.", ".down.")).write_text("DROP TABLE tags;\n")
    apply_one(godwit)
    same_as_alone(db, lambda other: sqlx("run", other))
    version = made.name.split("_")[0]
    assert f"{version}/pending tags" in sqlx("info"), "it keeps its own list"
    godwit.run("down").expect(0)
    sqlx("run")
    assert f"{version}/installed tags" in sqlx("info")
