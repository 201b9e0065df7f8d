"""The folder of a branch: back to its base."""
import os
import subprocess

import pytest

A, B, C, D = (f"CREATE TABLE {name} (n INTEGER);\n" for name in "abcd")


def git(folder, *args):
    identity = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True).stdout


def snapshot(godwit):
    folder = godwit.cwd / "migrations"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def names(godwit):
    return list(snapshot(godwit))


def commit(godwit, message="More"):
    git(godwit.cwd, "add", "-A", "migrations")
    git(godwit.cwd, "commit", "-m", message)


def begin(godwit, files):
    """A repository whose main has these files, and a branch of it."""
    godwit.folder(files)
    git(godwit.cwd, "init")
    commit(godwit, "First")
    git(godwit.cwd, "checkout", "-b", "work")


# ---- back to the base ----


@pytest.fixture
def branch(db, godwit):
    begin(godwit, {"0001_a.sql": A, "0002_b.sql": B, "0002_b_down.sql": "DROP TABLE b;\r\n", "deep/README.md": "read\n", ".keep": ""})
    godwit.run("hash").expect(0)
    git(godwit.cwd, "checkout", "main")
    commit(godwit, "Sum")
    git(godwit.cwd, "checkout", "-B", "work")
    return godwit


@pytest.mark.engines("sqlite")
def test_the_folder_is_again_what_the_base_has_byte_for_byte(branch):
    before = snapshot(branch)
    branch.run("reset-migrations", "--base", "main").expect(0, err_contains="migrations is as it is on main")
    branch.write("migrations/0003_c.sql", C)
    branch.write("migrations/deep/er/notes.txt", "mine\n")
    branch.write("migrations/0001_a.sql", A + "-- edited\n")
    (branch.cwd / "migrations/0002_b_down.sql").unlink()
    (branch.cwd / "migrations/deep/README.md").unlink()
    branch.run("hash").expect(0)
    commit(branch)
    staged = git(branch.cwd, "ls-files", "-s")
    done = branch.run("reset-migrations", "--base", "main").expect(0, err_contains=[
        "0003_c.sql is gone: the base does not have it", "deep/er/notes.txt is gone", "0001_a.sql was another here",
        "godwit.sum was another here", "0002_b_down.sql was missing here", "deep/README.md was missing here"])
    assert sorted(done.out.splitlines()) == [f"migrations/{name}" for name in ("0001_a.sql", "0002_b_down.sql", "deep/README.md", "godwit.sum")]
    assert snapshot(branch) == before and not (branch.cwd / "migrations/deep/er").exists()
    assert git(branch.cwd, "ls-files", "-s") == staged
    branch.run("validate").expect(0)
    branch.run("reset-migrations", "--base", "main").expect(0, err_contains="is as it is on main")


@pytest.mark.engines("sqlite")
def test_what_is_not_committed_is_kept_unless_forced(branch):
    base = snapshot(branch)
    branch.write("migrations/0003_c.sql", C)
    branch.write("migrations/0001_a.sql", A + "-- edited\n")
    before = snapshot(branch)
    branch.run("reset-migrations", "--base", "main").expect(8, err_contains=[
        "migrations/0003_c.sql is not committed as it is", "nor migrations/0001_a.sql", "--force"])
    assert snapshot(branch) == before
    commit(branch)
    branch.write("migrations/0003_c.sql", C + "-- later\n")
    branch.run("reset-migrations", "--base", "main").expect(8, err_contains="migrations/0003_c.sql is not committed as it is", err_lacks="0001_a")
    branch.run("reset-migrations", "--base", "main", "--force").expect(0)
    assert snapshot(branch) == base


@pytest.mark.engines("sqlite")
def test_a_folder_in_the_middle_of_a_merge_can_go_back(branch):
    base = snapshot(branch)
    branch.write("migrations/0003_c.sql", C)
    branch.write("migrations/0003_d.sql", D)
    branch.write("migrations/godwit.sum", "<<<<<<< HEAD\n=======\n>>>>>>> main\n")
    branch.run("reset-migrations", "--base", "main", "--force").expect(0)
    assert snapshot(branch) == base


@pytest.mark.engines("sqlite")
def test_what_hides_and_what_only_points_elsewhere_is_left_alone(branch):
    branch.write("migrations/.env.local", "mine\n")
    os.symlink("0001_a.sql", branch.cwd / "migrations/link.sql")
    branch.run("reset-migrations", "--base", "main", "--force").expect(0)
    assert (branch.cwd / "migrations/.env.local").exists() and (branch.cwd / "migrations/link.sql").is_symlink()


@pytest.mark.engines("sqlite")
def test_a_base_or_a_folder_that_is_none_is_named(branch):
    branch.run("reset-migrations").expect(2, err_contains=["no commit 'origin/main'", "git fetch"])
    branch.run("reset-migrations", "--dir", "gone", "--base", "main").expect(7, err_contains=["no folder gone", "git checkout main -- gone"])
    (branch.cwd / ".git").rename(branch.cwd / "nothing")
    branch.run("reset-migrations", "--base", "main").expect(2, err_contains="is in no git repository")


@pytest.mark.engines("sqlite")
def test_a_folder_that_the_base_does_not_have_becomes_empty(db, godwit):
    godwit.write("README.md", "first\n")
    for args in (["init"], ["add", "README.md"], ["commit", "-m", "First"], ["checkout", "-b", "work"]):
        git(godwit.cwd, *args)
    godwit.folder({"0001_a.sql": A})
    commit(godwit)
    godwit.run("reset-migrations", "--base", "main").expect(0, err_contains="0001_a.sql is gone")
    assert names(godwit) == []
