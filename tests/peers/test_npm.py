"""Real servers, migrated by tools from npm, taken over, taken further, and the tools still happy."""
import pytest

from tools import apply_one, newest, same_as_alone, take_over

ENGINES = ("sqlite", "postgres", "mariadb", "mysql")


# ---- dbmate ----


def dbmate_file(table):
    return f"-- migrate:up\nCREATE TABLE {table} (id integer);\n\n-- migrate:down\nDROP TABLE {table};\n"


def dbmate_url(db, engine):
    if engine == "sqlite":
        return f"sqlite:{db.server.path(db.name)}"
    return db.server.url(db.name, scheme="postgres" if engine == "postgres" else "mysql") + ("?sslmode=disable" if engine == "postgres" else "")


@pytest.mark.engines(*ENGINES)
def test_dbmate(db, godwit, engine, peer):
    dbmate = peer("dbmate")

    def call(where):
        return ["dbmate", "--url", dbmate_url(where, engine), "--migrations-dir", "migrations", "--no-dump-schema"]

    godwit.folder({"20260101000000_users.sql": dbmate_file("users"), "20260102000000_orders.sql": dbmate_file("orders")})
    dbmate.run(*call(db), "up")
    take_over(godwit, "dbmate", 2)
    assert "Pending: 0" in dbmate.run(*call(db), "status")
    godwit.run("new", "tags").expect(0)
    made = newest(godwit.cwd / "migrations")
    assert "-- migrate:up" in made.read_text(), "the new file is in dbmate's layout"
    made.write_text(dbmate_file("tags"))
    apply_one(godwit)
    same_as_alone(db, lambda other: dbmate.run(*call(other), "up"))
    # It keeps its own list: what godwit applied since is pending there, and not rejected.
    assert "[ ] " + made.name in dbmate.run(*call(db), "status")
    godwit.run("down").expect(0)
    dbmate.run(*call(db), "up")
    assert "Pending: 0" in dbmate.run(*call(db), "status")
    assert {"users", "orders", "tags"} <= set(db.tables())


# ---- node-pg-migrate ----


def node_pg_migrate_file(table):
    return f"-- Up Migration\nCREATE TABLE {table} (id integer);\n\n-- Down Migration\nDROP TABLE {table};\n"


@pytest.mark.engines("postgres")
def test_node_pg_migrate(db, godwit, peer):
    tool = peer("node-pg-migrate")

    def up(where):
        tool.env["DATABASE_URL"] = where.url
        return tool.run("node-pg-migrate", "up")

    godwit.folder({"1767225600000_users.sql": node_pg_migrate_file("users"), "1767312000000_orders.sql": node_pg_migrate_file("orders")})
    up(db)
    take_over(godwit, "node-pg-migrate", 2)
    assert "No migrations to run!" in up(db)
    godwit.run("new", "tags").expect(0)
    made = newest(godwit.cwd / "migrations")
    assert "-- Up Migration" in made.read_text()
    made.write_text(node_pg_migrate_file("tags"))
    apply_one(godwit)
    same_as_alone(db, up)
    godwit.run("down").expect(0)
    assert "Migrations complete!" in up(db)
    assert "No migrations to run!" in up(db)


# ---- graphile-migrate ----


@pytest.mark.engines("postgres")
def test_graphile_migrate(db, godwit, peer):
    tool = peer("graphile-migrate")
    shadow, root = db.server.database(), db.server.url("postgres")
    tool.env |= {"DATABASE_URL": db.url, "SHADOW_DATABASE_URL": shadow.url, "ROOT_DATABASE_URL": root}
    tool.run("graphile-migrate", "init")
    for table in ("users", "orders"):
        godwit.write("migrations/current.sql", f"CREATE TABLE {table} (id integer);\n")
        tool.run("graphile-migrate", "commit", "--message", table)
    take_over(godwit, "graphile-migrate", 2, says=["2 of them have the content that graphile-migrate kept a hash of"])
    assert "Already up to date" in tool.run("graphile-migrate", "migrate")
    godwit.run("new", "tags").expect(0)
    made = newest(godwit.cwd / "migrations/committed")
    assert made.read_text().startswith("--! Previous: sha1:"), made.read_text()
    made.write_text(made.read_text() + "\nCREATE TABLE tags (id integer);\n")
    apply_one(godwit)
    same_as_alone(db, lambda other: tool.run("graphile-migrate", "migrate", env={"DATABASE_URL": other.url}))
    # It goes by the newest file that it knows itself, and would run this one again.
    assert "already exists" in tool.run("graphile-migrate", "migrate", rc=1)
    shadow.drop()


# ---- drizzle-kit ----

TABLE = {"sqlite": ("sqliteTable", "integer", "sqlite-core"), "postgres": ("pgTable", "integer", "pg-core"),
         "mysql": ("mysqlTable", "int", "mysql-core"), "mariadb": ("mysqlTable", "int", "mysql-core")}
DIALECT = {"sqlite": "sqlite", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}


def drizzle_schema(engine, tables):
    table, column, module = TABLE[engine]
    return (f'import {{ {table}, {column} }} from "drizzle-orm/{module}";\n'
            + "".join(f'export const {name} = {table}("{name}", {{ id: {column}("id") }});\n' for name in tables))


def drizzle_url(db, engine):
    if engine == "sqlite":
        return f"file:{db.server.path(db.name)}"
    return db.server.url(db.name, scheme="postgres" if engine == "postgres" else "mysql")


@pytest.mark.engines(*ENGINES)
@pytest.mark.parametrize(("version", "name"), [("0", "drizzle-0"), ("1", "drizzle")])
def test_drizzle_kit(db, godwit, engine, peer, version, name):
    tool = peer(f"drizzle-{version}")
    godwit.write("drizzle.config.ts", f'export default {{ dialect: "{DIALECT[engine]}", schema: "./schema.ts", out: "./drizzle",\n'
                                      "  dbCredentials: { url: process.env.DATABASE_URL } };\n")

    def migrate(where, **how):
        return tool.run("drizzle-kit", "migrate", env={"DATABASE_URL": drizzle_url(where, engine)}, **how)

    for number, tables in enumerate((["users"], ["users", "orders"])):
        godwit.write("schema.ts", drizzle_schema(engine, tables))
        tool.run("drizzle-kit", "generate", "--name", f"step{number}")
    migrate(db)
    take_over(godwit, name, 2, "--dir", "drizzle", says=[f"2 of them have the content that {name} kept a hash of"])
    rows = drizzle_rows(db, engine)
    migrate(db)
    assert drizzle_rows(db, engine) == rows, "it had nothing to do either"
    godwit.run("--dir", "drizzle", "new", "tags").expect(0)
    made = max(godwit.cwd.glob("drizzle/*tags.sql" if version == "0" else "drizzle/*tags/migration.sql"))
    made.write_text("CREATE TABLE tags (id integer);\n")
    tool.run("drizzle-kit", "check")
    apply_one(godwit, "--dir", "drizzle")
    same_as_alone(db, migrate)
    # It goes by its own table, and would run this one again.
    migrate(db, rc=1)
    assert drizzle_rows(db, engine) == rows


def drizzle_rows(db, engine):
    return db.query("SELECT hash FROM " + ("drizzle." if engine == "postgres" else "") + "__drizzle_migrations")


# ---- Prisma ----


@pytest.mark.engines("sqlite")  # what npm has of its engines can do no other database: see CONTRIBUTING.md
def test_prisma(db, godwit, peer):
    tool = peer("prisma")
    # The engines that it would fetch are not needed: the one for schemas is in the package.
    unused = godwit.write("unused", "")
    tool.env |= {"PRISMA_QUERY_ENGINE_LIBRARY": unused, "PRISMA_SCHEMA_ENGINE_BINARY": unused, "CHECKPOINT_DISABLE": "1"}
    # The schema must name a database; the one that is used is in the configuration.
    godwit.write("prisma/schema.prisma", 'datasource db {\n  provider = "sqlite"\n  url = "file:./unused.db"\n}\n')
    godwit.write("prisma.config.ts", """import { PrismaLibSQL } from "@prisma/adapter-libsql";
export default { schema: "prisma/schema.prisma", engine: "js", experimental: { adapter: true },
  adapter: async () => new PrismaLibSQL({ url: process.env.DATABASE_URL }) };
""")
    where = "prisma/migrations"
    godwit.folder({"migration_lock.toml": 'provider = "sqlite"\n'}, where)
    for day, table in ((1, "users"), (2, "orders")):
        godwit.folder({f"2026010{day}000000_{table}/migration.sql": f"CREATE TABLE {table} (id integer PRIMARY KEY);\n"}, where)

    def prisma(command, other=db, **more):
        return tool.run("prisma", "migrate", *command.split(), env={"DATABASE_URL": drizzle_url(other, "sqlite")}, **more)

    prisma("deploy")
    take_over(godwit, "prisma", 2, "--dir", where, says=["2 of them have the content that prisma kept a hash of"])
    assert "No pending migrations to apply" in prisma("deploy")
    godwit.run("--dir", where, "new", "tags").expect(0)
    made = max(godwit.cwd.glob(f"{where}/*_tags"))
    (made / "migration.sql").write_text("CREATE TABLE tags (id integer PRIMARY KEY);\n")
    apply_one(godwit, "--dir", where)
    same_as_alone(db, lambda other: prisma("deploy", other))
    # It keeps its own table, and has a word for what another tool applied.
    assert made.name in prisma("status", rc=1)
    prisma(f"resolve --applied {made.name}")
    assert "Database schema is up to date" in prisma("status")
