"""The engine contract: one C program, tests/contract, run on every real engine. Each of its lines counts as a test."""
import os
import re
import subprocess

import pytest

from godwit import clean_environment, shlex

LINE = re.compile(r"^(not )?ok \d+ - (\S+)(.*)$", re.MULTILINE)
PLAN = re.compile(r"^1\.\.(\d+)$", re.MULTILINE)


@pytest.fixture
def try_engine(engine, server, db, build_folder, tmp_path, record_property):
    """Run a program of tests/contract on the database."""
    return lambda name, **env: run(build_folder / "tests/contract" / name, engine, server, db, tmp_path, record_property, env)


def run(program, engine, server, db, tmp_path, record_property, env):
    command = [*shlex.split(os.environ.get("GODWIT_WRAP", "")), str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path,
                          env=clean_environment(tmp_path, GODWIT_TEST_URL=db.url, GODWIT_TEST_CA=server.ca, CMOCKA_MESSAGE_OUTPUT="TAP",
                                                **env))
    lines = LINE.findall(done.stdout)
    failed = [name for bad, name, _ in lines if bad]
    skipped = [name for bad, name, rest in lines if not bad and "# SKIP" in rest.upper()]
    planned = sum(int(count) for count in PLAN.findall(done.stdout))
    record_property("tap", f"{len(lines) - len(failed) - len(skipped)} {len(failed)} {len(skipped)}")
    said = f"{engine}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    assert not failed, f"{', '.join(failed)}\n{said}"
    assert lines and len(lines) == planned, f"{planned} tests were planned, {len(lines)} ran\n{said}"
    assert done.returncode == 0, said


def test_keeps_the_contract(try_engine):
    try_engine("contract_test")


@pytest.mark.engines("mysql", "mariadb")
def test_does_what_mysql_alone_does(try_engine):
    try_engine("mysql_test")


@pytest.mark.engines("mysql", "mariadb")
def test_tells_what_ddl_changed_on_mysql(try_engine):
    try_engine("mysql_objects_test")


@pytest.mark.engines("mysql", "mariadb")
def test_tells_who_waits_for_whom_on_mysql(try_engine):
    try_engine("mysql_wait_test")


@pytest.mark.engines("mysql", "mariadb")
def test_does_on_the_wire_what_mysql_alone_does(try_engine):
    try_engine("mysql_wire_test")


@pytest.mark.engines("mysql", "mariadb")
def test_does_in_batches_what_mysql_alone_does(try_engine):
    try_engine("mysql_batch_test")


@pytest.mark.engines("postgres")
def test_does_what_postgres_alone_does(try_engine):
    try_engine("postgres_test")


@pytest.mark.engines("postgres")
def test_does_what_postgres_alone_does_with_objects(try_engine):
    try_engine("postgres_objects_test")


@pytest.mark.engines("postgres")
def test_does_on_the_wire_what_postgres_alone_does(try_engine, pgbouncer, db):
    try_engine("postgres_wire_test", GODWIT_TEST_POOLER=pgbouncer.url(db.name))


@pytest.mark.engines("postgres")
def test_does_in_batches_what_postgres_alone_does(try_engine):
    try_engine("postgres_batch_test")
