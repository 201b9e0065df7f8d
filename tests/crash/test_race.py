"""Many runners at once: every migration is executed exactly once, every runner ends with 0 or 5, and none hangs."""
import threading
import time

import pytest

import workloads
from godwit import eventually

PATIENT = ("--lock-wait", "60s", "--lock-poll", "50ms")
HURRIED = ("--lock-wait", "50ms", "--lock-poll", "20ms")
DONE_OR_LOCKED = (0, 5)


@pytest.fixture
def crowd(long):
    return 64 if long else 16


def start(godwit, urls, extra=()):
    """One runner for each URL, all at once; every third of them will not wait long."""
    return [godwit.start("up", *(HURRIED if n % 3 == 2 else PATIENT), *extra, url=url) for n, url in enumerate(urls)]


def judge(results, allowed=DONE_OR_LOCKED):
    wrong = [result for result in results if result.rc not in allowed]
    assert not wrong, f"{len(wrong)} of {len(results)} runners\n" + "\n".join(map(str, wrong[:3]))
    assert 0 in {result.rc for result in results}, f"nobody came through\n{results[0]}"


def undisturbed(server, godwit):
    database = workloads.new_database(server)
    godwit.run("up", url=database.url).expect(0)
    wanted = workloads.picture(database)
    database.drop()
    return wanted


def same(database, wanted):
    found = workloads.picture(database)
    if found != wanted:
        pytest.fail(workloads.difference(wanted, found), pytrace=False)


def test_of_many_runners_at_once_one_does_the_work(server, godwit, engine, crowd, counted):
    godwit.folder(workloads.make(engine, "parade").files)
    wanted = undisturbed(server, godwit)
    database = workloads.new_database(server)
    results = [runner.end(60) for runner in start(godwit, [database.url] * crowd)]
    judge(results)
    same(database, wanted)
    counted("racing runners", engine, crowd)
    database.drop()


@pytest.mark.engines("postgres", "mariadb")
def test_many_runners_with_a_lease_take_turns(server, godwit, engine, crowd, counted):
    godwit.folder(workloads.make(engine, "parade").files)
    wanted = undisturbed(server, godwit)
    database = workloads.new_database(server)
    results = [runner.end(60) for runner in start(godwit, [database.url] * crowd, ("--lock", "lease"))]
    judge(results)
    same(database, wanted)
    counted("racing runners", f"{engine} by lease", crowd)
    database.drop()


def test_many_runners_behind_a_pooler_take_turns(postgres, pgbouncer, godwit, crowd, counted):
    godwit.folder(workloads.make("postgres", "parade").files)
    wanted = undisturbed(postgres, godwit)
    database = workloads.new_database(postgres)
    results = [runner.end(90) for runner in start(godwit, [pgbouncer.url(database.name)] * crowd)]
    judge(results)
    same(database, wanted)
    counted("racing runners", "pgbouncer", crowd)
    database.drop()


def test_runners_behind_a_pooler_and_beside_it_exclude_each_other(postgres, pgbouncer, godwit, crowd, counted):
    godwit.folder(workloads.make("postgres", "parade").files)
    wanted = undisturbed(postgres, godwit)
    database = workloads.new_database(postgres)
    results = [runner.end(90) for runner in start(godwit, [pgbouncer.url(database.name), database.url] * (crowd // 2))]
    judge(results)
    same(database, wanted)
    counted("racing runners", "pgbouncer and beside", crowd)
    database.drop()


def everywhere(galera, name, wanted):
    """All nodes show the same, as soon as each has carried out what it was sent."""
    for node in galera.nodes:
        eventually(lambda node=node: node.exists(name) and workloads.picture(node.database(name, create=False)) == wanted, 20,
                   f"{node.port}:\n" + workloads.difference(wanted, workloads.picture(node.database(name, create=False))))


def on_all(galera, name):
    for node in galera.nodes:
        eventually(lambda node=node: ("counters",) in node.query(node.TABLES, name) and node.query("SELECT * FROM counters", name), 20,
                   "the database on every node")


def test_runners_on_three_nodes_of_a_cluster_take_turns(galera, godwit, crowd, counted):
    godwit.folder(workloads.make("mariadb", "parade").files)
    wanted = undisturbed(galera.nodes[0], godwit)
    database = workloads.new_database(galera.nodes[0])
    on_all(galera, database.name)
    urls = [galera.nodes[n % 3].url(database.name) for n in range(crowd // 2 * 3)]
    results = [runner.end(120) for runner in start(godwit, urls)]
    judge(results)
    everywhere(galera, database.name, wanted)
    counted("racing runners", "galera", len(urls))
    database.drop()


@pytest.mark.parametrize("leave", ["stop_node", "kill_node"])
def test_runners_on_a_cluster_do_not_mind_that_a_node_leaves_and_joins(galera, godwit, leave, counted):
    godwit.folder(workloads.make("mariadb", "parade").files | {"0009_slow.sql": "INSERT INTO executions SELECT 'slow' FROM (SELECT SLEEP(1)) s;\n",
                                      "0010_last.sql": workloads.note("last")})
    wanted = undisturbed(galera.nodes[0], godwit)
    database = workloads.new_database(galera.nodes[0])
    on_all(galera, database.name)
    runners = start(godwit, [galera.nodes[n % 2].url(database.name) for n in range(8)])
    beside = start(godwit, [galera.nodes[2].url(database.name)] * 4, ("--connect-tries", "0"))
    time.sleep(0.3)
    leaving = threading.Thread(target=lambda: (getattr(galera, leave)(2), galera.start_node(2)))
    leaving.start()
    try:
        judge([runner.end(120) for runner in runners])
        # Who was on the node that went away may say so; it must not have done anything twice.
        lost = [runner.end(120) for runner in beside]
        assert {result.rc for result in lost} <= {0, 1, 4, 5}, "\n".join(map(str, lost))
    finally:
        leaving.join()
    for number in range(3):
        assert galera.is_running(number)
    godwit.run("up", url=galera.nodes[2].url(database.name)).expect(0)
    everywhere(galera, database.name, wanted)
    counted("racing runners", "galera while a node leaves", 12)
    database.drop()


@pytest.mark.parametrize("command", ["status", "up", "lock"])
def test_a_node_without_the_others_is_no_place_to_run(galera, godwit, command):
    """It refuses to answer, or has whoever waits for the others wait: that is said as it is, with the code of a connection that failed."""
    database = galera.nodes[0].database()
    godwit.folder({"0001_t.sql": "CREATE TABLE t (n INTEGER);\n"})
    godwit.run("up", url=database.url).expect(0)
    node = galera.nodes[2]
    eventually(lambda: node.exists(database.name), 20, "the database on every node")
    node.query("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'")
    try:
        eventually(lambda: node.query("SHOW STATUS LIKE 'wsrep_ready'") == [("wsrep_ready", "OFF")], 30, "the node is alone")
        godwit.run(command, "--connect-tries", "0", url=node.url(database.name)).expect(4, err_contains=[
            "the node is not in the primary component of its cluster (wsrep_ready is OFF)", "hint: connect to another node"])
    finally:
        node.query("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'")
        eventually(lambda: node.query("SHOW STATUS LIKE 'wsrep_ready'") == [("wsrep_ready", "ON")], 60, "the node is back")
    godwit.run(command, url=node.url(database.name)).expect(0)
    database.drop()


def test_how_a_file_sends_its_ddl_to_a_cluster_does_not_reach_the_next(galera, godwit):
    """Else a table of the next file would be on one node only."""
    database = galera.nodes[0].database()
    godwit.folder({"0001_here.sql": "SET SESSION wsrep_OSU_method = 'RSU';\nCREATE TABLE here (id INTEGER PRIMARY KEY);\n",
                   "0002_everywhere.sql": "CREATE TABLE everywhere (id INTEGER PRIMARY KEY);\n"})
    godwit.run("up", url=database.url).expect(0)
    for node in galera.nodes[1:]:
        eventually(lambda node=node: node.exists(database.name) and ("everywhere",) in node.query(node.TABLES, database.name), 20, "the table")
    database.drop()


@pytest.mark.parametrize("statement", ["SET SESSION wsrep_on = OFF", "set foreign_key_checks = 0, @@session.wsrep_on = 0", "SET wsrep_on=1",
                                       "SET STATEMENT wsrep_on=OFF FOR INSERT INTO t VALUES (1)"])
def test_a_file_that_leaves_the_cluster_is_refused(galera, godwit, statement):
    """Else its rows, the history and the lease would be on one node only, and the file would run on the others once more."""
    database = galera.nodes[0].database()
    godwit.folder({"0001_t.sql": "CREATE TABLE t (n INTEGER);\n", "0002_alone.sql": f"{statement};\nINSERT INTO t VALUES (2);\n"})
    godwit.run("up", url=database.url).expect(1, err_contains=["0002_alone.sql:1:1: a migration cannot turn wsrep_on", "on each node"])
    assert database.value("SELECT count(*) FROM t") in (0, "0")
    database.drop()
