"""Folders of other tools whose files carry marks: detected, applied, reverted, continued by `new`, and what is wrong in them."""
import pytest

# name → files: the first migration makes the table a, the second b and a row in it. The way down of the second drops b.
FOLDERS = {
    "dbmate": {
        "20250101000000_a.sql": "-- migrate:up\nCREATE TABLE a (n INTEGER);\n\n-- migrate:down\nDROP TABLE a;\n",
        "20250102000000_b.sql": "-- migrate:up transaction:false\nCREATE TABLE b (n INTEGER);\nINSERT INTO b VALUES (1);\n\n"
                                "-- migrate:down transaction:false\nDELETE FROM b;\nDROP TABLE b;\n",
    },
    "goose": {
        "00001_a.sql": "-- +goose Up\nCREATE TABLE a (n INTEGER);\n-- +goose Down\nDROP TABLE a;\n",
        "00002_b.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE b (n INTEGER);\n-- +goose StatementBegin\nINSERT INTO b\nVALUES (1);\n"
                       "-- +goose StatementEnd\n-- +goose Down\n-- +goose ENVSUB ON\nDROP TABLE ${NO_SUCH_VARIABLE:-b};\n",
    },
    "sql-migrate": {
        "9-a.sql": "-- +migrate Up\nCREATE TABLE a (n INTEGER);\n-- +migrate Down\nDROP TABLE a;\n",
        "10-b.sql": "-- +migrate Up notransaction\nCREATE TABLE b (n INTEGER);\n-- +migrate StatementBegin\nINSERT INTO b VALUES (1);\n"
                    "-- +migrate StatementEnd\n-- +migrate Down\nDROP TABLE b;\n",
    },
    "liquibase": {
        "changelog.sql": "--liquibase formatted sql\n\n--changeset ann:2\nCREATE TABLE a (n INTEGER);\n--rollback DROP TABLE a;\n\n"
                         "--changeset ann:10 runInTransaction:false\nCREATE TABLE b (n INTEGER);\nINSERT INTO b VALUES (1);\n"
                         "/* liquibase rollback\nDELETE FROM b;\nDROP TABLE b;\n*/\n",
    },
    # The names are in another order than the migrations.
    "yoyo": {
        "0001-b.sql": "-- depends: 0000-z\n-- transactional: false\n\nCREATE TABLE b (n INTEGER);\nINSERT INTO b SELECT count(*) + 1 FROM a;\n",
        "0001-b.rollback.sql": "DELETE FROM b;\nDROP TABLE b;\n",
        "0000-z.sql": "CREATE TABLE a (n INTEGER);\n",
        "0000-z.rollback.sql": "DROP TABLE a;\n",
    },
}
# For tools that know PostgreSQL only.
POSTGRES = {
    "node-pg-migrate": {
        "1414549381268_a.sql": "-- Up Migration\nCREATE TABLE a (n INTEGER);\n-- Down Migration\nDROP TABLE a;\n",
        "1414549381269_b.sql": "-- Up Migration\nCREATE TABLE b (n INTEGER);\nINSERT INTO b VALUES (1);\n-- Down Migration\nDROP TABLE b;\n",
    },
    "tern": {
        "001_a.sql": "CREATE TABLE a (n INTEGER);\n---- create above / drop below ----\nDROP TABLE a;\n",
        "002_b.sql": "---- tern: disable-tx ----\nCREATE TABLE b (n INTEGER);\nINSERT INTO b VALUES (1);\n"
                     "---- create above / drop below ----\n---- tern: disable-tx ----\nDROP INDEX CONCURRENTLY IF EXISTS i;\nDROP TABLE b;\n",
    },
}


# A chain of hashes; there is no way back.
COMMITTED = {
    "current.sql": "-- Enter migration here\n",
    "committed/000001.sql": "--! Previous: -\n--! Hash: sha1:4c9a27bbc2a8d7138d4b7426b0f11f277ddc7c5b\n\nCREATE TABLE a (n INTEGER);\n",
    "committed/000002-b.sql": "--! Previous: sha1:4c9a27bbc2a8d7138d4b7426b0f11f277ddc7c5b\n--! Hash: sha1:b5a4fab4843f28744761fe2d5ce929b326f11e85\n--! Message: b\n\n"
                              "--! no-transaction\nCREATE TABLE b (n INTEGER);\nINSERT INTO b VALUES (1);\n",
}


# Blocks as people write them: several statements in one, and one without its semicolon.
BLOCKS = {
    "goose": "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE a (n INTEGER);\nINSERT INTO a VALUES (1);\n-- +goose StatementEnd\n"
             "-- +goose StatementBegin\nINSERT INTO a VALUES (2)\n-- +goose StatementEnd\nCREATE TABLE b (n INTEGER);\n"
             "-- +goose Down\n-- +goose StatementBegin\nDROP TABLE a;\nDROP TABLE b;\n-- +goose StatementEnd\n",
    "sql-migrate": "-- +migrate Up\n-- +migrate StatementBegin\nCREATE TABLE a (n INTEGER);\nINSERT INTO a VALUES (1);\n-- +migrate StatementEnd\n"
                   "-- +migrate StatementBegin\nINSERT INTO a VALUES (2)\n-- +migrate StatementEnd\nCREATE TABLE b (n INTEGER);\n"
                   "-- +migrate Down\n-- +migrate StatementBegin\nDROP TABLE a;\nDROP TABLE b;\n-- +migrate StatementEnd\n",
    "liquibase": "--liquibase formatted sql\n--changeset ann:1 splitStatements:false\nCREATE TABLE a (n INTEGER);\nINSERT INTO a VALUES (1);\n"
                 "INSERT INTO a VALUES (2);\nCREATE TABLE b (n INTEGER);\n--rollback DROP TABLE a;\n--rollback DROP TABLE b;\n",
}


@pytest.mark.parametrize("layout", BLOCKS)
def test_a_block_may_hold_several_statements_and_need_not_end_in_a_semicolon(db, godwit, layout):
    godwit.folder({"00001_a.sql": BLOCKS[layout]})
    godwit.run("up").expect(0, out_contains="1 migration")
    assert tables(db) == ["a", "b"] and db.query("SELECT n FROM a ORDER BY n") == [("1",), ("2",)]
    godwit.run("down").expect(0)
    assert tables(db) == []


def tables(db):
    return sorted(name for name in ("a", "b") if has(db, name))


def has(db, name):
    return (name,) in db.query({
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    }.get(db.engine, f"SELECT table_name FROM information_schema.tables WHERE table_schema = "
                     f"{'current_schema()' if db.engine == 'postgres' else 'database()'}"))


def goes_there_and_back(db, godwit, layout, files, reversible=True):
    godwit.folder(files)
    godwit.run("init").expect(0, err_contains=f"2 migrations, layout {layout}")
    (godwit.cwd / "godwit.yaml").unlink()
    godwit.run("validate").expect(0)
    godwit.run("up").expect(0, out_contains="2 migrations")
    assert tables(db) == ["a", "b"] and db.value("SELECT n FROM b") == "1"
    godwit.run("verify").expect(0)
    if not reversible:
        godwit.run("down").expect(8, err_contains="no down text")
        return
    godwit.run("redo").expect(0)
    # Its own copy, since the folder is gone: the history keeps what was run.
    (godwit.cwd / "migrations").rename(godwit.cwd / "elsewhere")
    godwit.run("--allow-missing", "down").expect(0)
    assert tables(db) == ["a"]
    (godwit.cwd / "elsewhere").rename(godwit.cwd / "migrations")
    godwit.run("up").expect(0, out_contains="1 migration")
    godwit.run("down", "0").expect(0)
    assert tables(db) == []


def is_continued(godwit, layout, files):
    godwit.folder(files)
    made = godwit.run("new", "add more").expect(0).out.split()
    assert made
    godwit.run("--empty", "up").expect(0, out_contains="3 migrations")
    godwit.run("status").expect(0, out_contains="add_more")


@pytest.mark.parametrize("layout", FOLDERS)
def test_a_folder_of_another_tool_is_applied_and_taken_back(db, godwit, layout):
    goes_there_and_back(db, godwit, layout, FOLDERS[layout])


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("layout", POSTGRES)
def test_so_is_one_of_a_tool_for_postgresql(db, godwit, layout):
    goes_there_and_back(db, godwit, layout, POSTGRES[layout])


@pytest.mark.engines("postgres")
def test_so_is_what_graphile_migrate_committed_which_has_no_way_back(db, godwit):
    goes_there_and_back(db, godwit, "graphile-migrate", COMMITTED, reversible=False)
    godwit.run("--dir", "migrations/committed", "verify").expect(0)
    (godwit.cwd / "migrations/committed/000001.sql").write_text(COMMITTED["committed/000001.sql"].replace("INTEGER", "TEXT"))
    godwit.run("status").expect(3, err_contains=["migrations/committed/000001.sql:2:11: the text of committed/000001.sql has the hash sha1:", "restore it"])


@pytest.mark.engines("sqlite")
def test_no_transaction_in_the_first_bytes_is_that_of_sqlx(db, godwit):
    godwit.folder({"1_a.up.sql": "-- no-transaction\nPRAGMA foreign_keys = ON;\nCREATE TABLE a (n INTEGER);\nVACUUM;\n",
                   "1_a.down.sql": "-- no-transaction\nDROP TABLE a;\nVACUUM;\n", "2_b.up.sql": "CREATE TABLE b (n INTEGER);\n"})
    godwit.run("up", "--steps", "1").expect(0)
    (godwit.cwd / "migrations").rename(godwit.cwd / "gone")
    godwit.run("--allow-missing", "down").expect(0)
    assert tables(db) == []


@pytest.mark.parametrize("layout", [*FOLDERS, *POSTGRES, "graphile-migrate"])
@pytest.mark.engines("postgres")
def test_new_continues_it_in_its_own_way(db, godwit, layout):
    is_continued(godwit, layout, {**FOLDERS, **POSTGRES, "graphile-migrate": COMMITTED}[layout])


@pytest.mark.engines("sqlite")
def test_several_sections_are_undone_from_the_last_to_the_first(db, godwit):
    godwit.folder({"1_a.sql": "-- migrate:up\nCREATE TABLE a (n INTEGER);\n-- migrate:down\nDROP TABLE a;\n"
                              "-- migrate:up\nINSERT INTO a VALUES (1);\n-- migrate:down\nDELETE FROM a;\n"})
    godwit.run("up").expect(0)
    assert db.value("SELECT n FROM a") == "1"
    godwit.run("down").expect(0)
    assert not has(db, "a")


@pytest.mark.engines("sqlite")
def test_a_file_of_another_layout_in_the_folder_is_named(db, godwit):
    files = FOLDERS["dbmate"]
    godwit.folder({**files, "20250103000000_c.sql": "CREATE TABLE c (n INTEGER);\n"})
    godwit.run("up").expect(3, err_contains=["migrations/20250103000000_c.sql:1:1: the line `-- migrate:up` is missing", "layout of the folder is dbmate"])
    godwit.folder({"0001_x.sql": "CREATE TABLE x (n INTEGER);\n", "0002_y.sql": "SELECT 1;\n", "0003_z.sql": "SELECT 1;\n",
                   "0004_a.sql": files["20250101000000_a.sql"]}, "plain")
    godwit.run("--dir", "plain", "up").expect(3, err_contains=["plain/0004_a.sql:1:4: this line is a mark of dbmate", "`layout: dbmate`"])
    assert tables(db) == []


@pytest.mark.engines("sqlite")
def test_a_migration_in_go_is_refused_by_its_name(db, godwit):
    godwit.folder({**FOLDERS["goose"], "00003_c.go": "package migrations\n", "embed.go": "package migrations\n", "00003_c_test.go": "package x\n"})
    godwit.run("up").expect(3, err_contains=["migrations/00003_c.go is not a migration: it is written in Go"])


def test_variables_are_those_of_the_environment_and_of_the_dotenv_file(db, godwit):
    text = "-- godwit:envsub on\n-- ${COMMENT}\nCREATE TABLE ${SHOP_TABLE} (n INTEGER);\nINSERT INTO ${SHOP_TABLE} VALUES (${SHOP_NUMBER-7});\n"
    godwit.folder({"0001_a.sql": text, "0001_a_down.sql": "-- godwit:envsub on\nDROP TABLE ${SHOP_TABLE};\n"})
    godwit.run("up").expect(3, err_contains=["0001_a.sql:3:14: the variable SHOP_TABLE is not set", "CREATE TABLE ${SHOP_TABLE} (n"])
    godwit.run("up", "--pretend", env={"SHOP_TABLE": "a"}).expect(0, err_contains=[], out_lacks="TABLE a ")
    (godwit.cwd / ".env").write_text("SHOP_TABLE=a\nSHOP_NUMBER=5\n")
    godwit.run("up", env={"SHOP_NUMBER": "6"}).expect(0)
    assert db.value("SELECT n FROM a") == "6"
    godwit.run("verify").expect(0)
    (godwit.cwd / ".env").unlink()
    (godwit.cwd / "migrations").rename(godwit.cwd / "gone")
    godwit.run("--allow-missing", "down", env={"SHOP_TABLE": "a"}).expect(0)
    assert tables(db) == []


def test_an_error_of_the_server_is_shown_where_the_file_has_it_and_shows_no_value(db, godwit):
    godwit.folder({"0001_a.sql": "-- godwit:envsub on\nCREATE TABLE a (n INTEGER);\nINSERT INTO a VALUES ('${SECRET}', 1, 2);\n"})
    done = godwit.run("--verbose", "up", env={"SECRET": "abc\ndef"}).expect(1, err_contains=["0001_a.sql:3:", "INSERT INTO a VALUES ('${SECRET}', 1, 2);"])
    assert "def" not in done.out


@pytest.mark.engines("mysql", "mariadb")
def test_a_delimiter_of_liquibase_ends_statements(db, godwit):
    godwit.folder({"a.sql": "--liquibase formatted sql\n--changeset ann:1 endDelimiter://\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\n  SELECT 2;\nEND//\n"
                            "CREATE TABLE a (n INTEGER)\n//\n--rollback DROP TABLE a;\n--rollback DROP PROCEDURE p;\n"})
    godwit.run("up").expect(0)
    assert tables(db) == ["a"]
    godwit.run("down").expect(0)
    assert tables(db) == []


@pytest.mark.engines("sqlite")
def test_a_changeset_for_another_database_is_named_before_anything_runs(db, godwit):
    godwit.folder({"a.sql": "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE a (n INTEGER);\n--changeset ann:2 dbms:mysql\nCREATE TABLE b (n INTEGER);\n"})
    godwit.run("up").expect(3, err_contains=["migrations/a.sql:4:24: this changeset is for mysql"])
    assert tables(db) == []
