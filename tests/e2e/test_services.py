"""Several databases in one repository: each service has a folder, a database, a history and a lock of its own."""
import pytest

from godwit import Godwit, eventually
from test_config import SLOW

SERVICES = ("auth", "shop", "stock", "notes")
OF = {"auth": "postgres", "shop": "mariadb", "stock": "mysql", "notes": "sqlite"}


@pytest.fixture
def repository(postgres, mariadb, mysql, sqlite, tmp_path):
    """Four services on four engines; none of their databases exists."""
    servers = {"postgres": postgres, "mariadb": mariadb, "mysql": mysql, "sqlite": sqlite}
    godwit = Godwit(tmp_path)
    godwit.databases = {service: servers[OF[service]].database(create=False) for service in SERVICES}
    text = "services:\n"
    for service, database in godwit.databases.items():
        godwit.folder({f"0001_{service}.sql": f"CREATE TABLE {service} (id INTEGER PRIMARY KEY);\n",
                       f"0001_{service}_down.sql": f"DROP TABLE {service};\n",
                       f"0002_fill_{service}.sql": f"INSERT INTO {service} VALUES (1);\n",
                       f"0002_fill_{service}_down.sql": f"DELETE FROM {service};\n"}, f"services/{service}/migrations")
        text += f"  {service}:\n    migrations: services/{service}/migrations\n    url: \"{database.url}\"\n"
    godwit.write("godwit.yaml", text)
    yield godwit
    for database in godwit.databases.values():
        database.drop()


def existing(repository):
    return {service for service, database in repository.databases.items() if database.exists()}


def test_one_service_is_migrated_and_the_others_are_left_alone(repository):
    for at, service in enumerate(SERVICES, 1):
        repository.run("--service", service, "up", "--create").expect(
            0, out_contains=[f"applied 0001 {service}", f"applied 0002 fill_{service}", "2 migrations in"])
        assert existing(repository) == set(SERVICES[:at])
        assert repository.databases[service].tables() == sorted([service, "godwit_history"])
    repository.run("status", env={"GODWIT_SERVICE": "shop"}).expect(0, out_contains="2 applied, 0 pending on mariadb://")


def test_all_creates_every_database_and_applies_every_folder(repository):
    done = repository.run("--all", "up", "--create").expect(0, out_contains=[f"{service}:\n" for service in SERVICES])
    assert [done.out.index(f"{service}:\n") for service in SERVICES] == sorted(done.out.index(f"{service}:\n") for service in SERVICES)
    for service, database in repository.databases.items():
        assert database.tables() == sorted([service, "godwit_history"])
        assert database.query(f"SELECT id FROM {service}") == [("1",)]
        assert database.value("SELECT count(*) FROM godwit_history") == "2"
    repository.run("--all", "up").expect(0, out_contains="nothing to do")
    repository.run("--all", "verify").expect(0)
    repository.run("--all", "down", "0").expect(0)
    assert all(database.tables() == ["godwit_history"] for database in repository.databases.values())
    repository.run("--all", "status", "--exit-code").expect(6, out_contains=[f"{service}:\n" for service in SERVICES])
    repository.run("--all", "db", "drop", "--yes").expect(0)
    assert existing(repository) == set()


def test_all_with_json_gives_one_report_a_service(repository):
    events = repository.run("--all", "--json", "up", "--create").expect(0).events
    reports = [event for event in events if event["event"] == "report"]
    assert [report["service"] for report in reports] == list(SERVICES)
    assert all(report["success"] and report["files_executed"] == 2 and report["pending"] == 0 for report in reports)
    assert [report["target"].split(":")[0] for report in reports] == [OF[service] for service in SERVICES]
    assert len({report["migrations"][0]["name"] for report in reports}) == len(SERVICES)


def test_a_service_that_fails_stops_the_run_with_its_exit_code(repository):
    repository.folder({"0003_bad.sql": "CREATE TABLE more (id INTEGER);\nNONSENSE;\n"}, "services/shop/migrations")
    failed = repository.run("--all", "up", "--create").expect(
        1, out_contains=["auth:\n", "shop:\n"], out_lacks=["stock:\n", "notes:\n"],
        err_contains=["services/shop/migrations/0003_bad.sql:2:1", "statement 2 of 2"])
    assert "applied 0002 fill_shop" in failed.out and existing(repository) == {"auth", "shop"}
    reports = [event for event in repository.run("--all", "--json", "up", "--create").expect(1).events if event["event"] == "report"]
    assert [(report["service"], report["exit_code"]) for report in reports] == [("auth", 0), ("shop", 1)]
    repository.folder({"0002_gone.sql": "SELECT 1;\n"}, "services/auth/migrations")
    repository.run("--all", "up", "--create").expect(3, out_contains="auth:\n", out_lacks="shop:\n")
    (report,) = repository.run("--all", "--json", "up", "--create").expect(3).events
    assert (report["service"], report["success"], report["exit_code"]) == ("auth", False, 3)


def test_a_check_that_finds_something_goes_on_to_the_next_service(repository):
    repository.run("--all", "up", "--create").expect(0)
    repository.folder({"0003_more.sql": "CREATE TABLE more (id INTEGER);\n"}, "services/auth/migrations")
    repository.run("--all", "status", "--exit-code").expect(6, out_contains=["auth:\n", "notes:\n", "0003 more"])
    repository.run("--all", "status").expect(0)


def test_wrong_use_of_services_is_explained(repository, tmp_path):
    which = ["say which service, --service NAME, or --all: godwit.yaml has auth, shop, stock, notes"]
    repository.run("up").expect(7, err_contains=["there is no migrations folder", *which])
    repository.folder({"0001_a.sql": "SELECT 1;\n"})
    repository.run("up").expect(2, err_contains=["no database URL is given", *which])
    repository.run("--service", "shpo", "up").expect(2, err_contains=["there is no service 'shpo'", "did you mean 'shop'?"])
    repository.run("--all", "new", "x").expect(2, err_contains="new does not go through services")
    lone = Godwit(tmp_path / "services", "sqlite:a.db")
    lone.run("--all", "up").expect(2, err_contains="names no services")
    assert existing(repository) == set()


def test_new_writes_into_the_folder_of_the_service(repository):
    repository.run("--service", "stock", "new", "orders", "--pattern", "add-table").expect(
        0, out_contains="services/stock/migrations/0003_orders.sql")
    assert "ENGINE=InnoDB" in (repository.cwd / "services/stock/migrations/0003_orders.sql").read_text()


def test_environments_of_services_beat_those_at_the_top(sqlite, tmp_path):
    godwit = Godwit(tmp_path)
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id INTEGER);\n"}, "services/auth")
    godwit.write("godwit.yaml", """
url: sqlite:top.db
history: top_history
envs: { ci: { url: "sqlite:ci.db", history: ci_history }, demo: { url: "sqlite:demo.db" } }
services:
  auth: { migrations: services/auth, history: auth_history, envs: { ci: { url: "${AUTH_URL:-sqlite:auth-ci.db}" } } }
""")
    shown = lambda *args: godwit.run("--json", "--service", "auth", *args, "status").expect(0).report
    assert shown("--env", "ci")["target"] == "sqlite:auth-ci.db"
    assert shown("--env", "demo")["target"] == "sqlite:demo.db"
    godwit.run("--service", "auth", "--env", "ci", "up", env={"AUTH_URL": "sqlite:said.db"}).expect(0)
    assert sqlite.database(tmp_path / "said").tables() == ["a", "auth_history"]


@pytest.fixture
def pair(server, tmp_path, request):
    """Two services in one server; request.param: also in one database."""
    first = server.database()
    second = first if request.param else server.database()
    godwit = Godwit(tmp_path)
    godwit.slow, godwit.quick = first, second
    godwit.folder({"0001_slow.sql": SLOW[server.name] + ";\n"}, "slow")
    godwit.folder({"0001_quick.sql": "CREATE TABLE quick (id INTEGER);\n"}, "quick")
    godwit.write("godwit.yaml", "lock_wait: 500ms\nlock_poll: 100ms\nservices:\n"
                 f"  slow: {{ migrations: slow, url: \"{first.url}\", history: slow_history }}\n"
                 f"  quick: {{ migrations: quick, url: \"{second.url}\", history: quick_history }}\n")
    yield godwit
    first.drop()
    second.drop()


@pytest.mark.engines("postgres", "mariadb", "mysql")
@pytest.mark.parametrize("pair", [False, True], indirect=True, ids=["two databases", "one database"])
def test_a_service_runs_while_another_one_of_the_same_server_holds_its_lock(pair):
    first = pair.start("--service", "slow", "up")
    eventually(lambda: "held" in pair.run("--service", "slow", "lock").out, what="the lock of slow")
    pair.run("--service", "quick", "lock").expect(0, out_contains="free")
    pair.run("--service", "quick", "up").expect(0, out_contains="applied 0001 quick")
    pair.run("--service", "slow", "up").expect(5, err_contains="holds the lock")
    keys = [lock["lock"]["key"] for lock in (pair.run("--json", "--service", name, "lock").report for name in ("slow", "quick"))]
    assert keys[0] != keys[1] and all(keys)
    assert "quick_history" in pair.quick.tables() and pair.quick.value("SELECT count(*) FROM quick_history") == "1"
    first.signal()
    first.end(20).expect(130)
    pair.run("--service", "slow", "lock").expect(0, out_contains="free")
