"""The fixtures themselves: a test suite that talks to the wrong server, or to none, would prove nothing."""
import re

import pytest

import servers
from godwit import Godwit


def test_a_database_keeps_rows_nulls_and_odd_texts(db):
    db.query("CREATE TABLE t (a VARCHAR(40), b VARCHAR(40))")
    db.query("INSERT INTO t VALUES ('tab\there', NULL), ('it''s; ü', '')")
    assert db.query("SELECT a, b FROM t ORDER BY a") == [("it's; ü", ""), ("tab\there", None)]
    assert db.value("SELECT count(*) FROM t") == "2"
    assert db.value("SELECT a FROM t WHERE a = 'absent'") is None
    assert db.tables() == ["t"]


def test_a_dump_shows_the_schema_and_not_our_own_tables(db, server):
    db.script("CREATE TABLE kept (id INTEGER PRIMARY KEY, note VARCHAR(10));\nCREATE TABLE godwit_history (id INTEGER);\n"
              "INSERT INTO kept VALUES (7, 'seven');\nCREATE VIEW seen AS SELECT note FROM kept;\n")
    schema = db.dump()
    assert "kept" in schema and "seen" in schema and "godwit" not in schema and "seven" not in schema
    assert "seven" in db.dump(data=True)
    twin = server.database()
    twin.script("CREATE TABLE kept (id INTEGER PRIMARY KEY, note VARCHAR(10));\nCREATE VIEW seen AS SELECT note FROM kept;\n")
    assert twin.dump() == schema
    twin.drop()
    assert db.exists() and not twin.exists()


def test_the_plain_client_stops_at_the_first_error(db):
    with pytest.raises(servers.ServerError):
        db.script("CREATE TABLE a (x INTEGER);\nNONSENSE;\nCREATE TABLE b (x INTEGER);\n")
    assert db.tables() == ["a"]


@pytest.mark.engines("postgres", "mariadb", "mysql")
def test_each_engine_is_the_one_that_it_says(server):
    version = server.version()
    told = {"postgres": r"PostgreSQL \d+", "mariadb": r"\d+\.\d+\.\d+-MariaDB", "mysql": r"([89]|\d\d)\.\d+\.\d+(?!.*MariaDB)"}
    assert re.match(told[server.name], version), version


@pytest.mark.engines("postgres", "mariadb", "mysql")
def test_a_new_user_can_log_in_and_do_nothing(server, db):
    server.create_user("visitor", "p@ss w:rd/%")
    try:
        visitor = type(server)({**server.facts, "user": "visitor", "password": "p@ss w:rd/%"})
        assert visitor.query("SELECT 1") == [("1",)]
        with pytest.raises(servers.ServerError):
            visitor.query("CREATE TABLE t (a INTEGER)", db.name)
    finally:
        server.drop_user("visitor")


@pytest.mark.engines("postgres", "mariadb", "mysql")
def test_a_server_is_reached_under_a_name_that_looks_remote(server):
    assert not servers.remote_host().startswith("127.")
    assert type(server)({**server.facts, "host": servers.remote_host()}).query("SELECT 1") == [("1",)]


def test_postgres_speaks_tls_with_our_authority(postgres):
    out = servers.run(["psql", "-X", "-A", "-t", "-c", "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
                       f"host=db.internal hostaddr=127.0.0.1 port={postgres.port} user={postgres.user} dbname=postgres "
                       f"sslmode=verify-full sslrootcert={postgres.ca}"], env={"PGPASSWORD": postgres.password})
    assert out.startswith("t|TLS")


@pytest.mark.engines("mariadb", "mysql")
def test_the_mysql_family_speaks_tls_with_our_authority(server):
    out = servers.run(["mariadb", "--no-defaults", "--host=localhost", "--protocol=tcp", f"--port={server.port}", f"--user={server.user}",
                       f"--ssl-ca={server.ca}", "--ssl-verify-server-cert", "-N", "-e", "SHOW STATUS LIKE 'Ssl_cipher'"],
                      env={"MYSQL_PWD": server.password})
    assert "TLS" in out


def test_pgbouncer_stands_before_postgres_in_transaction_mode(pgbouncer, postgres):
    front = type(postgres)({**postgres.facts, "port": pgbouncer.port})
    assert front.version() == postgres.version()
    assert ("postgres", "transaction") in [(pool[0], pool[-1]) for pool in front.query("SHOW POOLS", "pgbouncer")]


@pytest.mark.engines("mariadb", "mysql")
def test_no_server_clears_away_the_temporary_tables_of_another(server):
    assert server.query("SELECT @@tmpdir")[0][0].endswith(f"/{server.folder.name}/tmp")


@pytest.mark.engines("mariadb", "mysql")
def test_a_server_of_its_own_can_be_without_tls_and_is_gone_afterwards(engine, launch):
    server = launch(engine, tls=False, settings={"read-only": 1})
    assert server.query("SELECT @@read_only") == [("1",)]
    assert server.query("SHOW STATUS LIKE 'Ssl_cipher'") == [("Ssl_cipher", "")]
    server.process.stop()
    with pytest.raises(servers.ServerError):
        server.query("SELECT 1")


def test_the_environment_of_the_caller_does_not_leak(tmp_path, monkeypatch):
    for name in ("PGHOST", "DATABASE_URL", "GODWIT_URL", "APP_ENV", "MYSQL_PWD", "DB_MIGRATE_USER", "MIGRATION_TIMEOUT"):
        monkeypatch.setenv(name, "leaked")
    done = Godwit(tmp_path, command=["/usr/bin/env"]).run(env={"APP_ENV": "chosen", "USER": None})
    done.expect(0, out_contains="APP_ENV=chosen", out_lacks=["leaked", "USER="])
