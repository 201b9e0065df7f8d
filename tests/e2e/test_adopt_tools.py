"""Databases made by the real tools, taken over, taken further, and the tools still happy."""
import os
import subprocess

import pytest

IDENTITY = {"SQITCH_FULLNAME": "A Tester", "SQITCH_EMAIL": "tester@example.org"}


def tool(godwit, *command):
    """Runs in godwit's folder, to a good end."""
    done = subprocess.run([str(c) for c in command], cwd=godwit.cwd, capture_output=True, text=True, timeout=120, check=False,
                          env=os.environ | IDENTITY | {"HOME": str(godwit.home), "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def goes_on(godwit, *folder):
    """Nothing pending, nothing executed."""
    godwit.run(*folder, "status", "--exit-code").expect(0, out_contains="0 pending")
    godwit.run(*folder, "up").expect(0, out_contains="nothing to do")


# ---- sqitch ----

CHANGES = {"users": [], "orders": ["--requires", "users"]}


def sqitch_target(db, godwit, engine):
    """sqitch keeps what it did to a file in another one beside it: a folder of its own for both."""
    if engine == "sqlite":
        godwit.url = f"sqlite:{godwit.cwd}/shop.db"
        return f"db:sqlite:{godwit.cwd}/shop.db"
    return {"postgres": "db:pg", "mariadb": "db:mysql"}[engine] + db.url.removeprefix(engine).split("?")[0]


@pytest.mark.engines("sqlite", "postgres", "mariadb")
def test_sqitch(db, launch, godwit, engine):
    if engine == "mariadb":  # where it has one registry for the whole server
        db = launch(engine).database()
        godwit.url = db.url
    target = sqitch_target(db, godwit, engine)
    tool(godwit, "sqitch", "init", "shop", "--engine", target.split(":")[1], "--target", target)
    for name, more in CHANGES.items():
        tool(godwit, "sqitch", "add", name, *more, "--note", f"Adds {name}.")
        godwit.write(f"deploy/{name}.sql", f"BEGIN;\nCREATE TABLE {name} (id integer);\nCOMMIT;\n")
        godwit.write(f"revert/{name}.sql", f"BEGIN;\nDROP TABLE {name};\nCOMMIT;\n")
        godwit.write(f"verify/{name}.sql", f"SELECT id FROM {name} WHERE 0 = 1;\n")
    tool(godwit, "sqitch", "deploy", target)
    godwit.run("--dir", ".", "adopt").expect(
        0, err_contains=["took over 2 migrations of sqitch", "2 of them have the content that sqitch kept a hash of"])
    goes_on(godwit, "--dir", ".")
    godwit.run("--dir", ".", "new", "tags").expect(0)
    godwit.write("deploy/tags.sql", "CREATE TABLE tags (id integer);\n")
    godwit.run("--dir", ".", "up").expect(0, out_contains="1 migration in")
    status = tool(godwit, "sqitch", "status", target)
    assert "* tags" in status and "Undeployed change" in status, status
    tool(godwit, "sqitch", "deploy", "--log-only", target)
    assert "Nothing to deploy" in tool(godwit, "sqitch", "status", target)


# ---- alembic ----

REVISION = '''"""{name}"""
from alembic import op
import sqlalchemy as sa
revision = "{name}"
down_revision = {down}
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("{name}", sa.Column("id", sa.Integer))


def downgrade():
    op.drop_table("{name}")
'''


@pytest.mark.engines("sqlite")
def test_alembic(db, godwit):
    tool(godwit, "alembic", "init", "alembic")
    ini = godwit.cwd / "alembic.ini"
    ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", f"sqlite:///{db.server.path(db.name)}"))
    godwit.write("alembic/versions/a.py", REVISION.format(name="aaa", down=None))
    godwit.write("alembic/versions/b.py", REVISION.format(name="bbb", down="'aaa'"))
    tool(godwit, "alembic", "upgrade", "head")
    godwit.folder({"0001_c.sql": "CREATE TABLE ccc (id integer);\n"})
    godwit.run("adopt").expect(0, out_contains="bbb", err_contains=["took over 1 migration of alembic", "1 of alembic's rows have no file here"])
    godwit.run("up").expect(0, out_contains="1 migration in")
    goes_on(godwit)
    assert "bbb (head)" in tool(godwit, "alembic", "current")


# ---- sql-migrate ----


def up_and_down(table):
    return f"-- +migrate Up\nCREATE TABLE {table} (id integer);\n\n-- +migrate Down\nDROP TABLE {table};\n"


def sql_migrate_config(db, engine):
    if engine == "sqlite":
        return {"dialect": "sqlite3", "datasource": str(db.server.path(db.name))}
    s = db.server
    return {"dialect": "postgres", "datasource": f"host={s.host} port={s.port} user={s.user} password={s.password} dbname={db.name} sslmode=disable"}


@pytest.mark.engines("sqlite", "postgres")
def test_sql_migrate(db, godwit, engine):
    settings = sql_migrate_config(db, engine) | {"dir": "migrations"}
    godwit.write("dbconfig.yml", "development:\n" + "".join(f"  {key}: {value}\n" for key, value in settings.items()))
    godwit.folder({"1_users.sql": up_and_down("users"), "2_orders.sql": up_and_down("orders")})
    tool(godwit, "sql-migrate", "up")
    godwit.run("adopt").expect(0, out_contains=["users", "orders"], err_contains="took over 2 migrations of sql-migrate")
    goes_on(godwit)
    godwit.folder({"3_tags.sql": up_and_down("tags")})
    godwit.run("up").expect(0, out_contains="1 migration in")
    assert "3_tags.sql" in tool(godwit, "sql-migrate", "status")
    godwit.run("down").expect(0)
    assert "Applied 1 migration" in tool(godwit, "sql-migrate", "up")


# ---- yoyo ----


@pytest.mark.engines("sqlite")
def test_yoyo(godwit):
    godwit.url = f"sqlite:{godwit.cwd}/shop.db"
    where = f"sqlite:///{godwit.cwd}/shop.db"
    godwit.folder({"0001-users.sql": "CREATE TABLE users (id integer);\n", "0001-users.rollback.sql": "DROP TABLE users;\n",
                   "0002-orders.sql": "-- depends: 0001-users\n\nCREATE TABLE orders (id integer);\n"})
    tool(godwit, "yoyo", "apply", "--batch", "--no-config-file", "--database", where, "migrations")
    godwit.run("adopt").expect(0, out_contains=["0001-users", "0002-orders"], err_contains="took over 2 migrations of yoyo")
    goes_on(godwit)
    godwit.folder({"0003-tags.sql": "-- depends: 0002-orders\n\nCREATE TABLE tags (id integer);\n"})
    godwit.run("up").expect(0, out_contains="1 migration in")
    assert "U" in tool(godwit, "yoyo", "list", "--batch", "--no-config-file", "--database", where, "migrations")
