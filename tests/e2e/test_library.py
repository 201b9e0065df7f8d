"""libgodwit in programs of other people: the example on real databases, and every call of the header under valgrind."""
import os
import pathlib
import re
import subprocess

import pytest

import servers
import test_contract
from godwit import clean_environment
from godwit import program as program_of_this_build
from test_public_header import EXAMPLE, HEADER, compile_with_pkg_config, installed  # pylint: disable=unused-import

SOURCE = pathlib.Path(__file__).with_name("library_test.c")
FILES = {"0001_users.sql": "CREATE TABLE users (id INTEGER PRIMARY KEY);\n", "0002_posts.sql": "CREATE TABLE posts (id INTEGER);\n"}


@pytest.fixture(scope="module", params=["shared", "static"])
def example(request, installed, tmp_path_factory):
    """The example program, and the environment that it needs."""
    program = tmp_path_factory.mktemp(request.param) / "embed"
    return program, compile_with_pkg_config(installed, EXAMPLE, program, request.param == "static")


def run(program, *args, cwd, env, timeout=300):
    return subprocess.run([str(part) for part in (program, *args)], capture_output=True, text=True, check=False, cwd=cwd, timeout=timeout,
                          env=clean_environment(cwd, **env))


def test_the_example_migrates_at_start_up(example, db, tmp_path):
    program, env = example
    folder = tmp_path / "sql"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    first = run(program, db.url, folder, cwd=tmp_path, env=env)
    assert first.returncode == 0, first
    assert re.fullmatch(r"  0001 users \(\d+ ms\)\n  0002 posts \(\d+ ms\)\nsuccess: yes\nfiles executed: 2\nerrors: 0\nduration: \d+ ms\n",
                        first.stdout)
    assert db.tables() == ["godwit_history", "posts", "users"]
    again = run(program, db.url, folder, cwd=tmp_path, env=env)
    assert again.returncode == 0 and "success: yes\nfiles executed: 0\nerrors: 0\n" in again.stdout


def test_the_example_tells_a_failure_with_position_and_exit_code(example, db, tmp_path):
    program, env = example
    folder = tmp_path / "sql"
    folder.mkdir()
    (folder / "0001_users.sql").write_text(FILES["0001_users.sql"])
    (folder / "0002_bad.sql").write_text("-- a comment\nCREATE TABLE bad (id INTEGER,,);\n")
    failed = run(program, db.url, folder, cwd=tmp_path, env=env)
    assert failed.returncode == 1
    assert "success: no\nfiles executed: 1\nerrors: 1\n" in failed.stdout
    assert re.search(rf"^{folder}/0002_bad\.sql:2:\d+: .*\n(.*\n)*while applying 0002 bad, statement 1 of 1", failed.stderr), failed.stderr
    assert "hint: " in failed.stderr and ("password" not in failed.stderr)
    assert db.tables() == ["godwit_history", "users"]


def libraries_of(program, *args, cwd, env=None):
    """What its loader opened, in words of glibc."""
    done = run(program, *args, cwd=cwd, env={"LD_DEBUG": "files", **(env or {})})
    assert done.returncode == 0, done
    return done.stderr


@pytest.mark.engines("sqlite")
def test_the_program_has_sqlite_in_it_and_the_library_shares_that_of_its_process(example, db, tmp_path):
    program, env = example
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_users.sql").write_text(FILES["0001_users.sql"])
    is_loaded = "libsqlite3" in libraries_of(program_of_this_build()[-1], "--url", db.url, "up", cwd=tmp_path)
    assert is_loaded == (os.environ.get("GODWIT_TEST_LINKED") == "no")  # ./do matrix brings its own
    assert "libsqlite3" in libraries_of(program, db.url, folder, cwd=tmp_path, env=env)


@pytest.mark.parametrize("args, code, says", [
    (["oracle://u@h/d", "sql"], 2, "unknown database scheme 'oracle'"),
    (["sqlite:a.db", "nowhere"], 7, "nowhere"),
    ([f"postgres://u:s3cret@127.0.0.1:{servers.free_port()}/d?connect_timeout=1", "sql"], 4, "127.0.0.1"),
    ([], 2, "usage"),
])
def test_the_example_exits_with_the_class_of_the_error(example, tmp_path, args, code, says):
    program, env = example
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql/0001_a.sql").write_text("CREATE TABLE a (id INTEGER);\n")
    failed = run(program, *args, cwd=tmp_path, env={**env, "GODWIT_CONNECT_TRIES": "0"})
    assert failed.returncode == code and says in failed.stderr and "s3cret" not in failed.stdout + failed.stderr, failed


def test_every_call_works_and_touches_no_wrong_memory(installed, sqlite, tmp_path, record_property):
    folder, flags = installed
    program = tmp_path / "library_test"
    declared = set(re.findall(r"GODWIT_API[^;]*?\b(godwit_\w+)\(", HEADER.read_text()))
    used = set(re.findall(r"\b(godwit_\w+)\(", SOURCE.read_text()))
    assert declared and declared <= used, f"not tried: {declared - used}"
    env = compile_with_pkg_config((folder, [*flags, "-g", "-Wl,--no-as-needed,-lcmocka,--as-needed"]), SOURCE, program, False)
    # A sanitizer looks for the same and more; the two do not go together.
    watched = any("sanitize" in flag for flag in flags)
    wrap = [] if watched else ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect",
                               "--show-leak-kinds=definite,indirect", "--num-callers=20"]
    done = run(*wrap, program, cwd=tmp_path, env={**env, "CMOCKA_MESSAGE_OUTPUT": "TAP"}, timeout=300)
    lines = test_contract.LINE.findall(done.stdout)
    failed = [name for bad, name, _ in lines if bad]
    record_property("tap", f"{len(lines) - len(failed)} {len(failed)} 0")
    assert done.returncode == 0 and lines and not failed, f"{done.returncode}\n{done.stdout}{done.stderr}"
