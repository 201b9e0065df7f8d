"""Real servers, migrated by Flyway and Liquibase, taken over, taken further, and the tools still happy."""
import pathlib

import pytest

from tools import apply_one, same_as_alone, take_over

ENGINES = ("sqlite", "postgres", "mariadb", "mysql")
JAVA = pathlib.Path(__file__).resolve().parent / "java"


def jdbc(db, engine):
    s = db.server
    if engine == "sqlite":
        return [f"jdbc:sqlite:{s.path(db.name)}", "", ""]
    scheme = "postgresql" if engine == "postgres" else "mariadb"
    return [f"jdbc:{scheme}://{s.host}:{s.port}/{db.name}" + ("?allowPublicKeyRetrieval=true" if engine == "mysql" else ""), s.user, s.password]


def java(tool, name, db, engine, *arguments, **how):
    return tool.run("java", "-cp", f"{tool.folder}/lib/*", JAVA / f"{name}.java", *jdbc(db, engine), *arguments, **how)


# ---- Flyway ----


@pytest.mark.engines(*ENGINES)
def test_flyway(db, godwit, engine, peer):
    tool = peer("flyway")

    def flyway(command, other=db, **how):
        return java(tool, "FlywayPeer", other, engine, "migrations", command, **how)

    godwit.folder({"V1__users.sql": "\ufeffCREATE TABLE users (id integer);\r\n", "V1.1__orders.sql": "CREATE TABLE orders (id integer);\n",
                   "R__view.sql": "CREATE VIEW v AS\n  SELECT id FROM users;\n"})
    assert "executed 3" in flyway("migrate")
    take_over(godwit, "flyway", 3, says=["3 of them have the content that flyway kept a hash of"])
    assert "executed 0" in flyway("migrate")
    godwit.run("new", "tags").expect(0)
    made = max(godwit.cwd.glob("migrations/V*__tags.sql"))
    made.write_text("CREATE TABLE tags (id integer);\n")
    apply_one(godwit)
    same_as_alone(db, lambda other: flyway("migrate", other))
    assert f"{made.name} PENDING" in flyway("info"), "it keeps its own list"
    flyway("skip")
    assert f"{made.name} SUCCESS" in flyway("info")
    flyway("validate")
    assert "executed 0" in flyway("migrate")


# ---- Liquibase ----


@pytest.mark.engines(*ENGINES)
def test_liquibase(db, godwit, engine, peer):
    tool = peer("liquibase")

    def liquibase(command, other=db, **how):
        return java(tool, "LiquibasePeer", other, engine, "migrations", "changelog.sql", command, **how)

    head = "--liquibase formatted sql\n"
    change = "\n--changeset ann:{name}\nCREATE TABLE {name} (id integer);\n--rollback DROP TABLE {name};\n"
    text = head + change.format(name="users") + change.format(name="orders")
    godwit.folder({"changelog.sql": text})
    liquibase("update")
    take_over(godwit, "liquibase", 2)
    assert "is up to date" in liquibase("status")
    godwit.folder({"changelog.sql": text + change.format(name="tags")})
    apply_one(godwit)
    same_as_alone(db, lambda other: liquibase("update", other))
    assert "1 changeset has not been applied" in liquibase("status"), "it keeps its own list"
    liquibase("changelogSync")
    assert "is up to date" in liquibase("status")
