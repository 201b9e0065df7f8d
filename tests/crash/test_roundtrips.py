"""How often the program waits for the server: with a proxy that counts, and that holds every answer back until both sides are silent, so
that the number does not depend on how fast this machine is."""
import time

import pytest

from proxy import Proxy

SILENCE = 0.02
PATIENCE = 0.5  # a program on a busy machine that sends for long is not silent only because it is not its turn


@pytest.fixture
def way(server, engine):
    with Proxy(server.host, server.port, engine) as proxy:
        yield proxy


def through(way, db):
    """The URL of the database on the way through the proxy, in clear, so that the proxy sees where the login ends."""
    return db.server.url(db.name, port=way.port, **({"sslmode": "disable"} if db.engine == "postgres" else {}))


def trips(way, godwit, db, *args):
    """Those of the run itself. Where a machine is so busy that a statement seems to wait, the observer looks why, on a connection of its
    own: nobody waits for that."""
    way.reset()
    godwit.run(*args, url=through(way, db)).expect(0)
    assert way.links and all(link.logged_in for link in way.links)
    return way.links[0].trips


def small_files(count, first=1):
    return {f"{n:04}_t.sql": f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY);\n" for n in range(first, first + count)}


@pytest.mark.engines("postgres", "mariadb", "mysql")
def test_a_run_with_nothing_to_do_takes_at_most_two_round_trips(way, godwit, db, engine, counted):
    godwit.folder(small_files(20))
    godwit.run("up").expect(0)
    way.lockstep = SILENCE
    took = trips(way, godwit, db, "up")
    counted("round trips, nothing to do", engine, took)
    assert took <= 2


@pytest.mark.engines("postgres")
def test_a_thousand_small_migrations_take_at_most_twelve_round_trips(way, godwit, db, engine, counted):
    godwit.folder(small_files(1000))
    way.lockstep = PATIENCE
    took = trips(way, godwit, db, "up")
    assert db.value("SELECT count(*) FROM godwit_history WHERE state = 'applied'") == "1000"
    counted("round trips, 1,000 migrations", engine, took)
    assert took <= 12


@pytest.mark.engines("mariadb", "mysql")
def test_a_migration_takes_at_most_one_round_trip(way, godwit, db, engine, counted):
    godwit.folder(small_files(100))
    way.lockstep = SILENCE
    took = trips(way, godwit, db, "up")
    counted("round trips, 100 migrations", engine, took)
    assert took <= 100 + 12


@pytest.mark.engines("postgres")
def test_a_hundred_migrations_far_away_take_little_more_than_the_way(way, godwit, db):
    godwit.folder(small_files(100))
    way.delay = 0.010
    begun = time.monotonic()
    took = trips(way, godwit, db, "up")
    seconds = time.monotonic() - begun
    # 12 round trips of 20 ms, logging in, and starting; five times that is what a busy machine may need.
    assert seconds < 3, f"{seconds:.2f} s for {took} round trips"
