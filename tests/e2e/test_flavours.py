"""Servers that speak as PostgreSQL or MySQL do, on which a session lock excludes nobody on the other nodes: they are known by what they
answer, and given the lease. The real server answers; what it says of its version is rewritten on the way."""
import contextlib
import socket
import threading

import pytest

# As they are: version() of CockroachDB 23.1, YugabyteDB 2.18; VERSION() of TiDB and Vitess.
KNOWN = {
    "postgres": ["CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu, built 2023/09/27 01:53:43, go1.19.10)",
                 "CockroachDB OSS v22.2.0 (aarch64-linux-gnu, built 2022/12/05, go1.19.1)",
                 "PostgreSQL 11.2-YB-2.18.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 15.0.3",
                 "PostgreSQL 15.2-YB-2.25.0.0-b0 on aarch64-unknown-linux-gnu, compiled by clang"],
    "mariadb": ["8.0.11-TiDB-v7.5.0", "5.7.25-TiDB-v6.1.0", "8.0.30-Vitess", "5.7.9-vitess-12.0.0"],
}
# wsrep_on of the server behind it is off.
PLAIN = {"postgres": ["PostgreSQL 16.3 on x86_64-pc-linux-gnu, compiled by gcc"], "mariadb": ["10.11.6-MariaDB-log", "8.0.36-28.1-wsrep"]}


class Rewriter:
    """A proxy before a server that puts one text in the place of another in what the server says: both are as long."""

    def __init__(self, server, was, becomes):
        assert len(becomes) <= len(was), f"{becomes!r} is longer than {was!r}"
        self.was, self.becomes = was.encode(), becomes.ljust(len(was)).encode()
        self.server, self.listener = server, socket.create_server(("127.0.0.1", 0))
        self.port, self.rewritten = self.listener.getsockname()[1], 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection((self.server.host, self.server.port))
                for source, target, rewrites in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pass, args=(source, target, rewrites), daemon=True).start()

    def _pass(self, source, target, rewrites):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if rewrites:
                    self.rewritten += data.count(self.was)
                    data = data.replace(self.was, self.becomes)
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def pairs(table):
    return [(engine, says) for engine in table for says in table[engine]]


def applied(engine, says, attached, godwit):
    server = attached(engine)
    db = server.database()
    way = Rewriter(server, db.value("SELECT version()"), says)
    db.query("CREATE TABLE a (id INTEGER)")
    godwit.folder({"0001_a.sql": "INSERT INTO a VALUES (1);\n", "0002_b.sql": "INSERT INTO a VALUES (2);\n"})
    godwit.url = server.url(db.name, port=way.port, sslmode="disable")
    godwit.run("up").expect(0, out_contains="applied 0002 b")
    tables, shown = db.tables(), godwit.run("lock").expect(0).out
    way.listener.close()
    assert way.rewritten > 0
    db.drop()
    return tables, shown


@pytest.mark.parametrize("name, says", pairs(KNOWN))
def test_a_server_that_is_known_by_its_version_is_given_the_lease(attached, godwit, name, says):
    tables, shown = applied(name, says, attached, godwit)
    assert tables == ["a", "godwit_history", "godwit_history_lease"]
    assert "free" in shown


@pytest.mark.parametrize("name, says", pairs(PLAIN))
def test_another_version_is_not_mistaken_for_one(attached, godwit, name, says):
    assert applied(name, says, attached, godwit)[0] == ["a", "godwit_history"]
