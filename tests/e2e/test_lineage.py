"""What a branch did to the migrations of its base, in layouts where the names of files do not tell it."""
import json
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.engines("sqlite")

STAMP = "2026-01-01T00:00:00Z Marge <marge@example.com>"


def sqitch(*names, **edits):
    files = {"sqitch.plan": "%syntax-version=1.0.0\n%project=shop\n\n" + "".join(f"{name} {STAMP} # Adds {name}.\n" for name in names)}
    for name in names:
        files[f"deploy/{name}.sql"] = f"BEGIN;\nCREATE TABLE {name} (n INTEGER);\n{edits.get(name, '')}COMMIT;\n"
        files[f"revert/{name}.sql"] = f"BEGIN;\nDROP TABLE {name};\nCOMMIT;\n"
    return files


def number(name):
    return "eabcd".index(name) + 1


def journal(*names, **edits):
    tags = {f"{number(name):04}_{name}": name for name in names}
    entries = [{"idx": i, "version": "6", "when": 1700000000000 + i, "tag": tag, "breakpoints": True} for i, tag in enumerate(tags)]
    files = {"meta/_journal.json": json.dumps({"version": "7", "dialect": "sqlite", "entries": entries}, indent=2)}
    return {**files, **{f"{tag}.sql": f"CREATE TABLE {name} (n INTEGER);\n{edits.get(name, '')}" for tag, name in tags.items()}}


def manifest(*names, **edits):
    files = {"migrations.json": json.dumps({"migrations": [{"file": f"{name}.sql", "version": name} for name in names]}, indent=2)}
    return {**files, **{f"{name}.sql": f"CREATE TABLE {name} (n INTEGER);\n{edits.get(name, '')}" for name in names}}


def liquibase(*names, **edits):
    changesets = [f"\n--changeset ann:{name}\nCREATE TABLE {name} (n INTEGER);\n{edits.get(name, '')}--rollback DROP TABLE {name};\n" for name in names]
    return {"changelog.sql": "--liquibase formatted sql\n" + "".join(changesets)}


def diesel(*names, **edits):
    return {f"2026-01-0{number(name)}-000000_{name}/up.sql": f"CREATE TABLE {name} (n INTEGER);\n{edits.get(name, '')}" for name in names}


# How a message calls the migration `a`, and so on.
SHOWN = {
    sqitch: "deploy/{}.sql",
    journal: "000{number}_{}.sql",
    manifest: "{}.sql",
    liquibase: "changelog.sql (changelog.sql::{}::ann)",
    diesel: "2026-01-0{number}-000000_{}/up.sql",
}
LAYOUTS = pytest.mark.parametrize("layout", list(SHOWN), ids=lambda layout: layout.__name__)
INDEXED = pytest.mark.parametrize("layout", [layout for layout in SHOWN if layout is not diesel], ids=lambda layout: layout.__name__)


def shown(layout, name):
    return SHOWN[layout].format(name, number=number(name))


def git(folder, *args):
    identity = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True)


def put(godwit, files):
    """The folder has these files, and no others."""
    shutil.rmtree(godwit.cwd / "migrations", ignore_errors=True)
    godwit.folder(files)


def commit(godwit, files, branch=None):
    if branch is not None:
        git(godwit.cwd, "checkout", branch)
    put(godwit, files)
    git(godwit.cwd, "add", "-A", "migrations")
    git(godwit.cwd, "commit", "-m", "More")


def begin(godwit, files):
    git(godwit.cwd, "init")
    commit(godwit, files)
    git(godwit.cwd, "checkout", "-b", "work")


def refuses(godwit, *texts, how=()):
    return godwit.run("validate", "--base", "main", *how).expect(3, err_contains=[*texts, "hint:"], err_lacks=["/godwit-", "not compared"])


@LAYOUTS
def test_a_migration_at_the_end_is_fine(db, godwit, layout):
    begin(godwit, layout("a", "b"))
    godwit.run("validate", "--base", "main").expect(0, err_lacks="compared")
    put(godwit, layout("a", "b", "c"))
    godwit.run("validate", "--base", "main").expect(0)
    commit(godwit, layout("a", "b", "c", "d"))
    godwit.run("validate", "--base", "main", "--commit", "work").expect(0)


@LAYOUTS
def test_one_before_those_of_the_base_is_refused(db, godwit, layout):
    begin(godwit, layout("a", "b"))
    put(godwit, layout("e", "a", "b"))
    refuses(godwit, f"error: migrations/{shown(layout, 'e')} does not come behind {shown(layout, 'b')}, which is on main",
            "rename what this branch adds" if layout is diesel else "move what this branch adds behind all that main has")
    godwit.run("validate").expect(0)


@LAYOUTS
def test_one_that_was_edited_is_refused(db, godwit, layout):
    begin(godwit, layout("a", "b"))
    edited = layout("a", "b", "c", a="INSERT INTO a VALUES (1);\n")
    put(godwit, edited)
    done = refuses(godwit, f"error: migrations/{shown(layout, 'a')} is on main, and was edited here", "git diff main -- migrations")
    assert done.err.count("error:") == 1
    git(godwit.cwd, "add", "-A", "migrations")
    refuses(godwit, f"error: migrations/{shown(layout, 'a')} is on main, and was edited here", "git diff main -- migrations", how=["--staged"])
    commit(godwit, edited)
    refuses(godwit, f"error: migrations/{shown(layout, 'a')} is on main, and was edited here", how=["--commit", "work"])


@LAYOUTS
def test_one_that_was_removed_is_refused(db, godwit, layout):
    begin(godwit, layout("a", "b"))
    put(godwit, layout("b", "c"))
    refuses(godwit, f"error: migrations/{shown(layout, 'a')} is on main, and was removed here")


@INDEXED
def test_another_order_is_refused(db, godwit, layout):
    begin(godwit, layout("a", "b"))
    put(godwit, layout("b", "a"))
    refuses(godwit, f"error: migrations/{shown(layout, 'a')} comes behind {shown(layout, 'b')} here, and before it on main", "put it back")


@LAYOUTS
def test_a_base_that_went_on_is_come_behind(db, godwit, layout):
    begin(godwit, layout("a"))
    commit(godwit, layout("a", "c"), "main")
    commit(godwit, layout("a", "b"), "work")
    says = f"error: migrations/{shown(layout, 'b')} does not come behind {shown(layout, 'c')}, which is on main"
    refuses(godwit, says + ", and not here yet")
    put(godwit, layout("a", "b", "c"))
    refuses(godwit, says)
    if layout is diesel:
        put(godwit, layout("a", "d"))
        godwit.run("validate", "--base", "main").expect(0)
    put(godwit, layout("a", "c", "b") if layout is not diesel else layout("a", "c", "d"))
    godwit.run("validate", "--base", "main").expect(0)


def test_a_version_that_the_base_gave_away_meanwhile_is_refused(db, godwit):
    mine, theirs = [json.loads(json.dumps(journal("a", "b")).replace("0003_b", tag)) for tag in ("0003_mine", "0003_theirs")]
    begin(godwit, journal("a"))
    commit(godwit, theirs, "main")
    commit(godwit, mine, "work")
    refuses(godwit, "error: migrations/0003_mine.sql has version 0003, as has 0003_theirs.sql on main", "give it another version, behind all that main has")
    put(godwit, theirs)
    godwit.run("validate", "--base", "main").expect(0)
    godwit.write("migrations/0003_theirs.sql", "CREATE TABLE other (n INTEGER);\n")
    refuses(godwit, "error: migrations/0003_theirs.sql is on main, and was edited here")


def test_a_way_back_is_compared_too(db, godwit):
    begin(godwit, sqitch("a", "b"))
    godwit.write("migrations/revert/a.sql", "BEGIN;\nDROP TABLE IF EXISTS a;\nCOMMIT;\n")
    (godwit.cwd / "migrations/revert/b.sql").unlink()
    refuses(godwit, "error: migrations/revert/a.sql is on main, and was edited here", "error: migrations/revert/b.sql is on main, and was removed here")


def test_a_way_back_in_the_same_file_is_compared_too(db, godwit):
    begin(godwit, liquibase("a"))
    put(godwit, {"changelog.sql": liquibase("a")["changelog.sql"].replace("rollback DROP TABLE", "rollback DROP TABLE IF EXISTS")})
    refuses(godwit, "error: migrations/changelog.sql (changelog.sql::a::ann) is on main, and was edited here")


def test_line_ends_that_git_writes_are_no_edit(db, godwit):
    begin(godwit, sqitch("a", "b"))
    path = godwit.cwd / "migrations/deploy/a.sql"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    godwit.run("validate", "--base", "main").expect(0)


def test_a_repeatable_migration_comes_changes_and_goes(db, godwit):
    begin(godwit, {"V1__a.sql": "CREATE TABLE a (n INTEGER);\n", "R__views.sql": "DROP VIEW IF EXISTS v;\n"})
    godwit.write("migrations/R__views.sql", "DROP VIEW IF EXISTS w;\n")
    godwit.write("migrations/R__more.sql", "DROP VIEW IF EXISTS x;\n")
    godwit.run("validate", "--base", "main").expect(0)
    (godwit.cwd / "migrations/R__views.sql").unlink()
    godwit.run("validate", "--base", "main").expect(0)
    godwit.write("migrations/V0__early.sql", "CREATE TABLE e (n INTEGER);\n")
    refuses(godwit, "error: migrations/V0__early.sql does not come behind V1__a.sql, which is on main")


def test_a_base_that_cannot_be_read_is_said_and_keeps_nobody_from_putting_it_right(db, godwit):
    broken = sqitch("a", "b")
    del broken["deploy/b.sql"]
    begin(godwit, broken)
    put(godwit, sqitch("a", "b"))
    godwit.run("validate", "--base", "main").expect(0, err_contains=["are not compared with main, whose folder cannot be read", "deploy/b.sql"],
                                                    err_lacks="/godwit-")


def test_a_base_that_is_none_is_named(db, godwit):
    begin(godwit, sqitch("a"))
    godwit.run("validate", "--base", "nowhere").expect(2, err_contains=["no commit 'nowhere'", "git fetch"])
    shutil.rmtree(godwit.cwd / ".git")
    godwit.run("validate", "--base", "main").expect(2, err_contains="is in no git repository")


def test_a_folder_that_the_base_does_not_have_is_all_new(db, godwit):
    godwit.write("README.md", "shop\n")
    git(godwit.cwd, "init")
    git(godwit.cwd, "add", "README.md")
    git(godwit.cwd, "commit", "-m", "First")
    put(godwit, manifest("a", "b"))
    godwit.run("validate", "--base", "main").expect(0)


def test_rebase_says_what_to_do_where_it_does_not_rename(db, godwit):
    begin(godwit, sqitch("a", "b"))
    godwit.run("rebase", "--base", "main").expect(3, err_contains=["does not rename migrations of the layout sqitch", "hint: ", "`godwit validate --base main`"])
