"""A server whose binary log holds statements: on a replica each is carried out again, by a session that holds no lock."""
import subprocess

import pytest

FILES = {
    "0001_a.sql": "CREATE TABLE a (id INT PRIMARY KEY, n INT);\n",
    "0002_index.sql": "CREATE INDEX a_n ON a (n);\n",
    "0003_rows.sql": "INSERT INTO a VALUES (1, 1);\n",
    "0004_parts.sql": "CREATE TABLE b (id INT AUTO_INCREMENT PRIMARY KEY);\nINSERT INTO b VALUES (NULL), (NULL);\nALTER TABLE b ADD n INT;\nUPDATE b SET n = id;\n",
    "0005_call.sql": "CREATE PROCEDURE p() INSERT INTO a VALUES (2, 2);\nCALL p();\n",
    "0006_alone.sql": "-- godwit:timeout 1m\nCREATE TABLE c (id INT PRIMARY KEY);\nINSERT INTO c VALUES (1);\n",
}
ROWS = ("SELECT id, version, state, done, statements, fingerprint, started_at, finished_at, duration_ms FROM godwit_history ORDER BY id",
        "SELECT id, n FROM a ORDER BY id", "SELECT id, n FROM b ORDER BY id", "SELECT id FROM c")


def replayed(server, other, name):
    """What the binary log of one server makes of another one."""
    log = server.query("SHOW MASTER STATUS")[0][0]
    text = subprocess.run(["mariadb-binlog", "--no-defaults", f"--database={name}", str(server.folder / "data" / log)], capture_output=True, check=True).stdout
    subprocess.run(["mariadb", "--no-defaults", f"--host={other.host}", f"--port={other.port}", f"--user={other.user}"], input=text, check=True,
                   capture_output=True, env={"MYSQL_PWD": other.password, "PATH": "/usr/bin:/bin"})


@pytest.mark.parametrize("log_format", ["STATEMENT", "MIXED", "ROW"])
def test_a_replica_that_carries_out_statements_has_the_same_history(launch, godwit, log_format):
    server, other = launch("mariadb", tls=False, settings={"log-bin": "bin", "binlog-format": log_format, "server-id": 7}), launch("mariadb", tls=False)
    db = server.database()
    godwit.folder(FILES)
    done = godwit.run("up", url=db.url).expect(0, out_contains="6 migrations", err_lacks=["1592", "nsafe"])
    assert "Unsafe" not in done.out
    replayed(server, other, db.name)
    for rows in ROWS:
        assert other.query(rows, db.name) == db.query(rows)


@pytest.mark.parametrize("name, log_format, method", [("mariadb", "STATEMENT", "lease"), ("mariadb", "MIXED", "GET_LOCK"), ("mysql", "STATEMENT", "lease"),
                                                        ("mysql", "ROW", "GET_LOCK")])
def test_the_lock_is_one_that_replicas_understand(launch, godwit, name, log_format, method):
    db = launch(name, tls=False, settings={"log-bin": "bin", "binlog-format": log_format, "server-id": 7}).database()
    godwit.folder(FILES)
    godwit.run("up", url=db.url).expect(0, out_contains="6 migrations", err_lacks=["1592", "nsafe"])
    godwit.run("lock", url=db.url).expect(0, out_contains=f"method: {method}")
    assert [str(state) for (state,) in db.query("SELECT state FROM godwit_history")] == ["applied"] * 6
