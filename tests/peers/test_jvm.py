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


# What its checksum leaves out, and what it does not.
CHANGELOG = """--liquibase formatted sql

--changeset ann:users
CREATE TABLE users (id integer);
--rollback DROP TABLE users;

--changeset ann:orders
--comment: made of two
-- the first
CREATE TABLE orders (id integer /* inside */, note varchar(20));

INSERT INTO orders VALUES (1, 'a b');  INSERT INTO orders VALUES (2, 'c;d');
--rollback DROP TABLE orders;

--changeset ann:whole splitStatements:false runInTransaction:true
INSERT INTO orders VALUES (3, 'e')
/* liquibase rollback
DELETE FROM orders WHERE id = 3;
*/

--changeset bob:ended endDelimiter:@@
INSERT INTO orders VALUES (4, 'f;')
@@
INSERT INTO orders VALUES (5, 'g')
@@

--changeset bob:kept stripComments:false
\t-- kept
INSERT INTO users VALUES (6);
--rollback not required

--changeset bob:last
INSERT INTO users VALUES (7)
"""


@pytest.mark.engines(*ENGINES)
def test_liquibase(db, godwit, engine, peer):
    tool = peer("liquibase")

    def liquibase(command, other=db, **how):
        return java(tool, "LiquibasePeer", other, engine, "migrations", "changelog.sql", command, **how)

    godwit.folder({"changelog.sql": CHANGELOG})
    liquibase("update")
    take_over(godwit, "liquibase", 6, says=["6 of them have the content that liquibase kept a hash of"])
    assert "is up to date" in liquibase("status")
    changed = CHANGELOG.replace("the first", "the second")
    godwit.folder({"changelog.sql": changed + "\n--changeset ann:tags\nCREATE TABLE tags (id integer);\n--rollback DROP TABLE tags;\n"})
    godwit.run("adopt").expect(3, err_contains="is not what liquibase applied")
    godwit.folder({"changelog.sql": CHANGELOG + "\n--changeset ann:tags\nCREATE TABLE tags (id integer);\n--rollback DROP TABLE tags;\n"})
    apply_one(godwit)
    same_as_alone(db, lambda other: liquibase("update", other))
    assert "1 changeset has not been applied" in liquibase("status"), "it keeps its own list"
    liquibase("changelogSync")
    assert "is up to date" in liquibase("status")
