"""One migration in place of several: `squash`, and `checkpoint`. What a database holds is the same, however it came about."""
import json
import subprocess

import pytest

A = "CREATE TABLE a (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL);\nINSERT INTO a VALUES (1, 'one;two'), (2, 'three')"
B = "-- The second.\nCREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER);\nINSERT INTO b SELECT id + 10, id FROM a;\n"
C = "ALTER TABLE b ADD COLUMN note VARCHAR(20) DEFAULT 'x'; -- and a note\nUPDATE b SET note = 'y' WHERE id = 11;\n"
D = "CREATE INDEX b_note ON b (note);\nDELETE FROM a WHERE id = 2;\n"
TRIGGER = {
    "postgres": "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$;\n"
                "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();\n",
    "mysql": "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.name = upper(NEW.name); SET NEW.name = trim(NEW.name); END;\n",
    "sqlite": "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET name = upper(name) WHERE id = NEW.id; DELETE FROM b WHERE id = -1; END;\n",
}
LAST = "INSERT INTO a VALUES (3, 'shout');\n"
DOWN = ["DROP TABLE a;\n", "DROP TABLE b;\n", "ALTER TABLE b DROP COLUMN note;\n"]


def texts(engine):
    trigger = TRIGGER["mysql" if engine == "mariadb" else engine]
    return [A, B, C, D, trigger + LAST]


def native(ups):
    return {f"000{i}_m{i}.sql": up for i, up in enumerate(ups, 1)}


def marked(up_mark, down_mark, begin="", end=""):
    def files(ups):
        def body(up):
            return f"{begin}{up}{end}" if "BEGIN" in up and begin else up.rstrip() + ("" if up.rstrip().endswith(";") or "--" in up else ";") + "\n"
        return {f"000{i}_m{i}.sql": f"{up_mark}\n{body(up)}\n{down_mark}\nSELECT {i};\n" for i, up in enumerate(ups, 1)}
    return files


def goose(ups):
    """goose wants a mark around each statement that holds a ';'."""
    files = {}
    for i, up in enumerate(ups, 1):
        up = up.replace("INSERT INTO a VALUES (1, 'one;two'), (2, 'three')", "INSERT INTO a VALUES (1, 'one;two'), (2, 'three');")
        if "CREATE TRIGGER" in up:
            parts = up.split(LAST)[0].split("\nCREATE TRIGGER")
            statements = [parts[0]] + ["CREATE TRIGGER" + part for part in parts[1:]]
            up = "".join(f"-- +goose StatementBegin\n{statement.strip()}\n-- +goose StatementEnd\n" for statement in statements) + LAST
        files[f"0000{i}_m{i}.sql"] = f"-- +goose Up\n{up}\n-- +goose Down\nSELECT {i};\n"
    return files


def atlas(ups):
    return {**{f"2026010{i}000000_m{i}.sql": up for i, up in enumerate(ups, 1)}, "atlas.sum": ""}


def prisma(ups):
    return {f"2026010{i}000000_m{i}/migration.sql": up for i, up in enumerate(ups, 1)}


def diesel(ups):
    return {f"2026-01-0{i}-000000_m{i}/up.sql": up for i, up in enumerate(ups, 1)}


def sql_migrate(ups):
    return {name: text.replace("goose", "migrate") for name, text in goose(ups).items()}


def tern(ups):
    return {f"00{i}_m{i}.sql": f"{up};\n---- create above / drop below ----\nSELECT {i};\n" for i, up in enumerate(ups, 1)}


def node(ups):
    return {f"141454938126{i}_m{i}.sql": f"-- Up Migration\n{up};\n-- Down Migration\nSELECT {i};\n" for i, up in enumerate(ups, 1)}


def flyway(ups):
    return {f"V{i}__m{i}.sql": up for i, up in enumerate(ups, 1)}


def up_down(ups):
    return {f"00000{i}_m{i}.up.sql": up for i, up in enumerate(ups, 1)}


# Those of one engine alone, since nothing of a server's is in them.
OTHERS = {"diesel": diesel, "sql-migrate": sql_migrate, "tern": tern, "node-pg-migrate": node, "flyway": flyway, "up-down": up_down,
          "prisma": lambda ups: {**prisma(ups), "migration_lock.toml": 'provider = "sqlite"\n'}}
LAYOUTS = {"native": native, "goose": goose, "dbmate": marked("-- migrate:up", "-- migrate:down"), "atlas": atlas, "drizzle": prisma}


def contents(db):
    """Schema and rows, whatever order a table keeps them in."""
    return sorted(db.dump(data=True).splitlines())


def names(godwit):
    folder = godwit.cwd / "migrations"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def snapshot(godwit):
    folder = godwit.cwd / "migrations"
    return {name: (folder / name).read_bytes() for name in names(godwit)}


def build(server, godwit, *more):
    """What a fresh database holds."""
    database = server.database()
    try:
        godwit.run("up", *more, url=database.url).expect(0)
        return contents(database)
    finally:
        database.drop()


def git(folder, *args):
    identity = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True)


# ---- the same afterwards ----


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_squashed_folder_builds_the_same_database(db, server, godwit, engine, layout):
    godwit.folder(LAYOUTS[layout](texts(engine)))
    if layout == "atlas":
        godwit.run("hash").expect(0)
    before = build(server, godwit)
    first = sorted(name for name in names(godwit) if name != "atlas.sum")[1]
    version = first.split("_")[0]
    done = godwit.run("squash", version, "--name", "everything else").expect(0, err_contains=["nobody looked at what is on a base branch", "is in"])
    left = [name for name in names(godwit) if name != "atlas.sum"]
    assert len(left) == 2 and "everything_else" in left[1] and f"migrations/{left[1]}" in done.out, left
    godwit.run("validate").expect(0)
    assert build(server, godwit) == before
    godwit.run("squash").expect(2, err_contains="in no git repository")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_checkpoint_builds_what_all_files_build(db, server, godwit, engine, layout):
    files = LAYOUTS[layout](texts(engine))
    godwit.folder(files)
    if layout == "atlas":
        godwit.run("hash").expect(0)
    godwit.run("up").expect(0)
    before = contents(db)
    godwit.run("checkpoint").expect(0, out_contains="checkpoint")
    assert build(server, godwit) == before
    godwit.run("up").expect(0, out_contains="nothing to do")
    godwit.run("verify").expect(0)
    assert contents(db) == before
    godwit.run("checkpoint").expect(0, err_contains="is a checkpoint, and the newest", out_lacks="migrations/")


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("layout", OTHERS)
def test_every_layout_is_squashed_and_checkpointed(db, server, godwit, layout):
    godwit.folder(OTHERS[layout](texts("sqlite")))
    godwit.write("godwit.yaml", f"layout: {layout}\n")
    before = build(server, godwit)
    second = sorted(names(godwit))[1]
    godwit.run("squash", second, "--name", "rest").expect(0)
    left = [name for name in names(godwit) if name != "migration_lock.toml"]
    assert len(left) == 2 and "rest" in left[1], left
    godwit.run("validate").expect(0)
    assert build(server, godwit) == before
    godwit.run("checkpoint", "all").expect(0)
    assert build(server, godwit) == before
    assert len(names(godwit)) == len(left) + 1 + ("prisma" == layout)


@pytest.mark.engines("sqlite")
def test_a_folder_with_something_else_in_it_is_refused(db, godwit):
    godwit.folder({**prisma([A, B, C]), "20260102000000_m2/snapshot.json": "{}"})
    before = snapshot(godwit)
    godwit.run("squash", "20260101000000").expect(8, err_contains=["20260102000000_m2/snapshot.json belongs to its migration", "hint:"])
    assert snapshot(godwit) == before
    godwit.run("squash", "20260101000000", "20260101000000").expect(0, err_contains="it is one already")


@pytest.mark.engines("sqlite")
def test_a_way_down_stands_where_the_layout_reads_it(db, server, godwit):
    godwit.folder({"20260101000000_a/migration.sql": A, "20260101000000_a/down.sql": "DROP TABLE a;\n", "20260102000000_b/migration.sql": B,
                   "20260102000000_b/down.sql": "DROP TABLE b;\n", "20260102000000_b/verify.sql": "SELECT id FROM b;\n"})
    godwit.run("squash", "20260101000000", "--name", "both").expect(0)
    assert names(godwit) == [f"20260102000000_both/{name}.sql" for name in ("down", "migration", "verify")]
    for command in ("up", "verify", "down"):
        godwit.run(command).expect(0)
    assert db.tables() == ["godwit_history"]


JOURNAL = {"version": "7", "dialect": "sqlite", "entries": [{"idx": 0, "version": "6", "when": 1700000000000, "tag": "0000_a", "breakpoints": True}]}
LINKED = {
    "drizzle-journal": {"0000_a.sql": B, "meta/_journal.json": json.dumps(JOURNAL), "meta/0000_snapshot.json": '{"id": "x", "prevId": "y"}'},
    "sqitch": {"sqitch.plan": "%syntax-version=1.0.0\n%project=x\n\na 2020-01-01T00:00:00Z me <me@x> # a\nb 2020-01-02T00:00:00Z me <me@x> # b\n",
               "deploy/a.sql": A, "deploy/b.sql": B, "revert/a.sql": "DROP TABLE a;", "revert/b.sql": "DROP TABLE b;"},
    "yoyo": {"0001-a.sql": A, "0002-b.sql": "-- depends: 0001-a\n" + B},
}
LINKED["drizzle-journal"]["0000_a.sql"] = A.replace(";\nINSERT", ";\n--> statement-breakpoint\nINSERT")


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("layout", LINKED)
def test_a_checkpoint_is_listed_where_a_layout_lists(db, server, godwit, layout):
    godwit.folder(LINKED[layout])
    before = build(server, godwit)
    godwit.run("up").expect(0)
    godwit.run("squash", "a").expect(8, err_contains=f"of the layout {layout}")
    godwit.run("checkpoint", "all").expect(0)
    database = server.database()
    godwit.run("up", url=database.url).expect(0, err_contains="it begins with the checkpoint")
    assert contents(database) == before
    database.drop()
    godwit.run("up").expect(0, out_contains="nothing to do")


@pytest.mark.engines("sqlite")
def test_where_it_would_have_no_file_of_its_own_there_is_no_checkpoint(db, godwit):
    godwit.folder({"c.sql": f"--liquibase formatted sql\n\n--changeset me:1\n{A};\n"})
    before = snapshot(godwit)
    godwit.run("checkpoint", "all").expect(8, err_contains="in the layout liquibase it would have no file of its own")
    assert snapshot(godwit) == before
    godwit.folder({name: text for name, text in LINKED["drizzle-journal"].items() if "snapshot" not in name}, name="journal")
    godwit.run("checkpoint", "all", "--dir", "journal").expect(3, err_contains="there is no meta/0000_snapshot.json")


@pytest.mark.engines("sqlite")
def test_what_a_checkpoint_cannot_say_is_refused(db, godwit):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": "-- godwit:skip-on staging\n" + B})
    before = snapshot(godwit)
    godwit.run("checkpoint").expect(8, err_contains=["migrations/0002_b.sql:1:11", "write the checkpoint by hand"])
    assert snapshot(godwit) == before


@pytest.mark.engines("sqlite")
def test_a_second_checkpoint_goes_on_from_the_first(db, server, godwit):
    godwit.folder(native(texts("sqlite")))
    godwit.run("checkpoint").expect(0)
    godwit.write("migrations/0007_more.sql", "CREATE TABLE more (n INTEGER);\n")
    godwit.write("migrations/R__view.sql", "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT n FROM more;\n")
    before = build(server, godwit)
    godwit.run("checkpoint", "All of it").expect(0, out_contains="migrations/0008_all_of_it.sql")
    text = (godwit.cwd / "migrations/0008_all_of_it.sql").read_text()
    assert text.startswith("-- godwit:checkpoint\n") and text.count("godwit:checkpoint") == 1 and "-- 0006_checkpoint.sql" in text
    assert "0005_m5.sql\n" in text and text.count("CREATE TABLE a ") == 1 and "VIEW" not in text
    assert build(server, godwit) == before
    for name in names(godwit):
        if name < "0008":
            (godwit.cwd / "migrations" / name).unlink()
    assert build(server, godwit) == before


@pytest.mark.engines("sqlite")
def test_flyway_says_a_checkpoint_by_its_name(db, server, godwit):
    godwit.folder({"V1__a.sql": A, "V1.5__b.sql": B, "U1.5__b.sql": "DROP TABLE b;\n"})
    before = build(server, godwit)
    godwit.run("checkpoint", "all").expect(0, out_contains="migrations/B1.5__all.sql")
    database = server.database()
    godwit.run("up", url=database.url).expect(0, err_contains="begins with the checkpoint B1.5")
    assert contents(database) == before
    database.drop()


@pytest.mark.engines("sqlite")
def test_there_must_be_something_that_a_checkpoint_stands_for(db, godwit):
    godwit.folder({"README.md": "nothing yet\n"})
    godwit.run("checkpoint").expect(3, err_contains="no migration in migrations")
    godwit.folder({"0001_a.sql": A})
    godwit.run("checkpoint", "users down").expect(2, err_contains="would not be read as a migration")
    godwit.run("checkpoint", url=None).expect(2, err_contains=["no database URL", "which SQL the files are in"])
    assert names(godwit) == ["0001_a.sql", "README.md"]


# ---- transactions, and what a file sets ----


MIXED = {
    "0001_a.sql": A, "0002_index.sql": "CREATE INDEX CONCURRENTLY a_name ON a (name);\n",
    "0003_mood.sql": "CREATE TYPE mood AS ENUM ('sad');\nCREATE SCHEMA other;\n",
    "0004_glad.sql": "ALTER TYPE mood ADD VALUE 'glad';\n",
    "0005_other.sql": "SET search_path = other;\nCREATE TABLE o (n INTEGER);\n",
    "0006_local.sql": "SET LOCAL search_path = other;\nCREATE TABLE p (n INTEGER);\n",
    "0008_own.sql": "BEGIN;\nCREATE TABLE q (n INTEGER);\nCOMMIT;\nINSERT INTO q VALUES (1);\n",
    "0009_index.sql": "CREATE INDEX CONCURRENTLY q_n ON q (n);\n",
    "0010_more.sql": "-- godwit:tx none\nVACUUM q;\nINSERT INTO q VALUES (2);\n",
    "0007_use.sql": "CREATE TABLE feelings (m mood DEFAULT 'glad');\nINSERT INTO feelings VALUES ('glad');\n",
}


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("command", [["squash", "1"], ["squash", "3"], ["squash", "8"], ["checkpoint"]], ids=" ".join)
def test_each_keeps_its_transaction_and_its_clean_session(db, server, godwit, command):
    godwit.folder(MIXED)
    before = build(server, godwit)
    godwit.run(*command).expect(0)
    assert build(server, godwit) == before


@pytest.mark.engines("postgres")
def test_goose_is_told_by_its_own_mark_that_there_is_no_transaction(db, server, godwit):
    godwit.folder({"00001_a.sql": f"-- +goose Up\n{A};\n", "00002_b.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY a_name ON a (name);\n"})
    before = build(server, godwit)
    godwit.run("squash", "1").expect(0)
    text = (godwit.cwd / "migrations/00001_b.sql").read_text()
    assert text.startswith("-- +goose NO TRANSACTION\n-- +goose Up\n") and "godwit:" not in text
    assert build(server, godwit) == before


@pytest.mark.engines("sqlite")
def test_what_a_file_beside_it_says_of_a_migration_of_flyway_stays_a_file_of_its_own(db, godwit):
    godwit.folder({"V1__a.sql": A, "V2__b.sql": B, "V2__b.sql.conf": "executeInTransaction=true\n"})
    before = snapshot(godwit)
    godwit.run("squash", "1").expect(8, err_contains=["V2__b.sql is read as V2__b.sql.conf says"])
    assert snapshot(godwit) == before


# ---- two phases of a deploy ----

SHIM = "ALTER TABLE b RENAME TO c;\n-- godwit:n-1-shim: b drop-with #12\nCREATE VIEW b AS SELECT * FROM c;\n"
CONTRACT = "-- godwit:n-1-shim-drop: b\nDROP VIEW b;\n"
PHASES = {"0001_a.sql": A, "0002_b.sql": B, "0003_rename.sql": SHIM, "0004_more.sql": "CREATE TABLE more (n INTEGER);\n", "0005_contract.sql": CONTRACT}


def test_a_squash_never_puts_both_phases_of_a_deploy_into_one(db, server, godwit):
    godwit.folder(PHASES)
    before = snapshot(godwit)
    godwit.run("squash", "2").expect(8, err_contains=["migrations/0005_contract.sql:1:26: 0003_rename.sql makes the shim of b, and 0005_contract.sql drops it",
                                                      "there must be a deploy between them"])
    assert snapshot(godwit) == before
    whole = build(server, godwit)
    godwit.run("squash", "4", "--name", "late").expect(0)
    godwit.run("squash", "1", "3", "--gaps").expect(0)
    texts = {name: (godwit.cwd / "migrations" / name).read_text() for name in names(godwit)}
    assert list(texts) == ["0003_rename.sql", "0004_late.sql"]
    assert texts["0003_rename.sql"].startswith("-- godwit:n-1-shim: b drop-with #12\n") and texts["0004_late.sql"].startswith("-- godwit:n-1-shim-drop: b\n")
    godwit.write("godwit.yaml", "gaps: true\n")
    godwit.run("validate").expect(0)
    assert build(server, godwit) == whole


def test_a_squash_of_the_second_phase_waits_for_the_next_deploy(db, godwit):
    godwit.folder(PHASES)
    godwit.run("up", "2").expect(0)
    godwit.run("squash", "4").expect(0)
    godwit.run("up").expect(0, out_contains="deferred 0004 contract")
    godwit.run("up").expect(0, out_contains="applied 0004 contract")


@pytest.mark.engines("sqlite")
def test_a_checkpoint_declares_the_shims_that_live(db, server, godwit):
    godwit.folder({name: text for name, text in PHASES.items() if name < "0005"})
    godwit.run("checkpoint").expect(0)
    assert "-- godwit:n-1-shim: b drop-with #12\n" in (godwit.cwd / "migrations/0005_checkpoint.sql").read_text()
    godwit.write("migrations/0006_contract.sql", CONTRACT)
    before = build(server, godwit)
    for name in names(godwit):
        if name < "0005":
            (godwit.cwd / "migrations" / name).unlink()
    godwit.run("validate").expect(0)
    assert build(server, godwit) == before
    godwit.run("checkpoint", "again").expect(0)
    assert "n-1-shim" not in (godwit.cwd / "migrations/0007_again.sql").read_text()
    godwit.run("validate").expect(0)
    assert build(server, godwit) == before


# ---- ways down, and verify scripts ----


def test_the_ways_down_become_one_the_other_way_round(db, server, godwit, engine):
    ups = [A, B, C, "CREATE INDEX b_note ON b (note);\n"]
    downs = [*DOWN, "DROP INDEX b_note;\n" if engine in ("sqlite", "postgres") else "DROP INDEX b_note ON b;\n"]
    godwit.folder({**native(ups), **{f"000{i}_m{i}_down.sql": down for i, down in enumerate(downs, 1)},
                   "0002_m2.verify.sql": "SELECT id FROM b\n", "0003_m3.verify.sql": "SELECT note FROM b;\n"})
    godwit.run("up", "1").expect(0)
    before = contents(db)
    godwit.run("squash", "2").expect(0)
    assert names(godwit) == ["0001_m1.sql", "0001_m1_down.sql", "0002_m4.sql", "0002_m4.verify.sql", "0002_m4_down.sql"]
    godwit.run("up").expect(0)
    godwit.run("verify").expect(0)
    godwit.run("down").expect(0)
    assert contents(db) == before


@pytest.mark.engines("sqlite")
def test_where_one_has_no_way_down_the_whole_has_none(db, godwit):
    godwit.folder({"0001_a.sql": A, "0001_a_down.sql": DOWN[0], "0002_b.sql": B})
    godwit.run("squash", "1").expect(0, err_contains="0002 b has no way down, so the new file has none")
    assert names(godwit) == ["0001_b.sql"]


@pytest.mark.engines("postgres")
def test_ways_down_that_cannot_be_one_can_be_left_out(db, godwit):
    files = {"0001_a.sql": A, "0001_a_down.sql": "INSERT INTO gone VALUES (1);\nDROP TABLE a;\n", "0002_b.sql": "CREATE INDEX a_name ON a (name);\n",
             "0002_b_down.sql": "CREATE TEMP TABLE gone (n INTEGER);\nDROP INDEX a_name;\n"}
    godwit.folder(files)
    before = snapshot(godwit)
    godwit.run("squash", "1").expect(8, err_contains=["0002_b_down.sql:1:1", "leaves the temporary table gone",
                                                      "while making one way down of all"])
    assert snapshot(godwit) == before
    godwit.run("squash", "1", "--no-down").expect(0)
    assert names(godwit) == ["0001_b.sql"]


# ---- which, and what it is called ----


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(("operands", "code", "says"), [
    (["7"], 2, "there is no migration 7"), (["3", "2"], 2, "0003_c.sql comes behind 0002_b.sql"),
    (["R__v"], 2, "R__v.sql is repeatable"), (["1", "2"], 8, "numbers would be missing before 0003_c.sql"),
    (["2", "--name", "x down"], 2, "would not be read as a migration"), (["2", "--name", "?"], 2, "does not make a file name"),
    (["1", "2", "3"], 2, "one word too many"),
])
def test_a_range_that_is_none_is_named(db, godwit, operands, code, says):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": B, "0003_c.sql": C, "R__v.sql": "SELECT 1;\n"})
    before = snapshot(godwit)
    godwit.run("squash", *operands).expect(code, err_contains=says)
    assert snapshot(godwit) == before
    godwit.run("squash", "3").expect(0, err_contains="it is one already")


@pytest.mark.engines("sqlite")
def test_numbers_stay_without_gaps_and_times_stay_where_they_were(db, godwit):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": B, "0003_c.sql": C, "0004_d.sql": D})
    godwit.run("squash", "1", "2", "--gaps").expect(0)
    assert names(godwit) == ["0002_b.sql", "0003_c.sql", "0004_d.sql"]
    godwit.run("squash", "3", "0004_d.sql").expect(0)
    assert names(godwit) == ["0002_b.sql", "0003_d.sql"]
    godwit.folder({"20260101000000_a.sql": A, "20260102000000_b.sql": B, "20260103000000_c.sql": C}, name="times")
    godwit.run("squash", "--dir", "times", "20260101000000", "20260102000000").expect(0, out_contains="times/20260102000000_b.sql")


@pytest.mark.engines("sqlite")
def test_the_sum_file_is_kept_and_an_edited_folder_is_refused(db, godwit):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": B})
    godwit.run("hash").expect(0)
    godwit.write("migrations/0001_a.sql", A + ";\n")
    godwit.run("squash", "1").expect(3, err_contains="0001_a.sql was edited")
    godwit.run("checkpoint").expect(3, err_contains="0001_a.sql was edited")
    godwit.run("hash").expect(0)
    godwit.run("squash", "1").expect(0, out_contains="godwit.sum")
    godwit.run("validate").expect(0)
    assert [line.split()[0] for line in (godwit.cwd / "migrations/godwit.sum").read_text().splitlines()[1:]] == ["0001_b.sql"]


@pytest.mark.engines("sqlite")
def test_what_cannot_be_one_leaves_the_folder_as_it_is(db, godwit):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": "-- godwit:skip-on staging\n" + B, "0003_c.sql": "-- godwit:checkpoint\n" + C})
    before = snapshot(godwit)
    godwit.run("squash", "1", "2", "--gaps").expect(8, err_contains=["migrations/0002_b.sql:1:11", "do not say the same skip-on"])
    godwit.run("squash", "2").expect(8, err_contains="0003_c.sql is a checkpoint")
    assert snapshot(godwit) == before
    godwit.folder({"V1__a.sql": A, "V2__b.sql": "SELECT '${x}';\n", "V2__b.sql.conf": "placeholderReplacement=false\n"}, name="flyway")
    godwit.run("squash", "1", "--dir", "flyway").expect(8, err_contains="V2__b.sql is read as V2__b.sql.conf says")


@pytest.mark.engines("sqlite")
def test_layouts_with_an_index_are_refused_by_name(db, godwit):
    godwit.folder({"migrations.json": '{"migrations": ["a.sql", "b.sql"]}', "a.sql": A, "b.sql": B})
    before = snapshot(godwit)
    godwit.run("squash", "a").expect(8, err_contains=["of the layout manifest", "hint:"])
    assert snapshot(godwit) == before
    godwit.run("checkpoint", "all").expect(0)
    godwit.run("up").expect(0, err_contains="begins with the checkpoint")


# ---- what is applied, or on the base, stays ----


def test_what_is_applied_stays_unless_nobody_is_asked(db, godwit):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": B, "0003_c.sql": C})
    godwit.run("up", "2").expect(0)
    before = snapshot(godwit)
    godwit.run("squash", "1").expect(8, err_contains=["0001_a.sql is applied on", "godwit down"])
    godwit.run("squash", "2").expect(8, err_contains="0002_b.sql is applied on")
    assert snapshot(godwit) == before
    godwit.run("squash", "2", "--offline").expect(0)
    assert names(godwit) == ["0001_a.sql", "0002_c.sql"]


@pytest.mark.engines("postgres", "mysql")
def test_a_database_that_does_not_answer_is_an_error_unless_nobody_asks(db, godwit, engine):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": B})
    url = {"postgres": "postgres://x@127.0.0.1:1/d", "mysql": "mysql://x@127.0.0.1:1/d"}[engine]
    godwit.run("squash", "1", "--connect-tries", "0", url=url).expect(4, err_contains="--offline")
    assert names(godwit) == ["0001_a.sql", "0002_b.sql"]
    godwit.run("squash", "1", "--offline", url=url).expect(0)


@pytest.fixture
def branch(db, godwit):
    """A repository whose main has two migrations, and a branch that adds three."""
    godwit.folder({"0001_a.sql": A, "0002_b.sql": B})
    for args in (["init"], ["add", "migrations"], ["commit", "-m", "First"], ["checkout", "-b", "work"]):
        git(godwit.cwd, *args)
    godwit.folder({"0003_c.sql": C, "0004_d.sql": D, "0005_e.sql": LAST})
    return godwit


@pytest.mark.engines("sqlite")
def test_without_a_range_it_is_what_the_branch_added(branch, server):
    before = build(server, branch)
    branch.run("squash").expect(2, err_contains=["no commit 'origin/main'", "hint:"])
    branch.run("squash", "2", "--base", "main").expect(8, err_contains=["0002_b.sql is on main: it may be applied somewhere", "hint:"])
    branch.run("squash", "--base", "main", "--name", "notes").expect(0)
    assert names(branch) == ["0001_a.sql", "0002_b.sql", "0003_notes.sql"]
    branch.run("validate", "--base", "main").expect(0)
    assert build(server, branch) == before
    branch.run("squash", "--base", "main").expect(0, err_contains="it is one already")
    (branch.cwd / "migrations/0003_notes.sql").unlink()
    branch.run("squash", "--base", "main").expect(0, err_contains="this branch added no migration")


@pytest.mark.engines("sqlite")
def test_what_the_base_has_by_now_may_not_stand_between(branch):
    git(branch.cwd, "stash", "-u")
    git(branch.cwd, "checkout", "main")
    branch.write("migrations/0004_theirs.sql", "SELECT 1;\n")
    for args in (["add", "migrations"], ["commit", "-m", "Theirs"], ["checkout", "work"], ["merge", "main"], ["stash", "pop"]):
        git(branch.cwd, *args)
    (branch.cwd / "migrations/0004_d.sql").unlink()
    branch.run("squash", "--base", "main").expect(8, err_contains=["0004_theirs.sql, which is on main, stands between", "godwit rebase"])


# ---- broken off ----


@pytest.mark.engines("sqlite")
def test_a_squash_that_was_broken_off_is_explained(db, godwit):
    godwit.folder({"20260101000000_a.sql": A, "20260102000000_b.sql": B, "20260103000000_c.sql": C})
    old = (godwit.cwd / "migrations/20260101000000_a.sql").read_text()
    godwit.run("squash", "20260101000000", "20260102000000").expect(0)
    godwit.run("validate").expect(0)
    godwit.write("migrations/20260101000000_a.sql", old)
    godwit.run("validate").expect(3, err_contains=["migrations/20260101000000_a.sql was squashed into 20260102000000_b.sql, and is there still", "remove it"])
