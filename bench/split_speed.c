/*
 * How fast the splitter reads: statements of one kind, made in memory, split several times; the best time of the processor counts.
 *
 *     split_speed [MiB]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sql/classify.h"
#include "sql/split.h"

typedef struct sample {
    const char *name;
    gw_dialect_kind dialect;
    const char *text; /* with %u for a number, twice */
} sample;

static const sample samples[] = {
    {"postgres, plain DDL", GW_DIALECT_POSTGRES,
     "-- customers of shop %u\n"
     "CREATE TABLE public.customer_%u (\n"
     "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
     "    email character varying(255) NOT NULL,\n"
     "    name text DEFAULT ''::text NOT NULL,\n"
     "    created_at timestamp with time zone DEFAULT now() NOT NULL,\n"
     "    balance numeric(12,2) DEFAULT 0.00,\n"
     "    CONSTRAINT positive CHECK ((balance >= (0)::numeric))\n"
     ");\n\n"
     "CREATE INDEX customer_email_idx ON public.customer USING btree (lower(email));\n"},
    {"mysql, plain DDL", GW_DIALECT_MYSQL,
     "-- customers of shop %u\n"
     "CREATE TABLE `customer_%u` (\n"
     "    `id` bigint unsigned NOT NULL AUTO_INCREMENT,\n"
     "    `email` varchar(255) COLLATE utf8mb4_bin NOT NULL,\n"
     "    `created_at` datetime(6) NOT NULL DEFAULT current_timestamp(6),\n"
     "    `balance` decimal(12,2) DEFAULT 0.00 COMMENT 'in the shop''s currency',\n"
     "    PRIMARY KEY (`id`),\n"
     "    UNIQUE KEY `customer_email` (`email`)\n"
     ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
     "/*!40000 ALTER TABLE `customer` DISABLE KEYS */;\n"},
    {"sqlite, plain DDL", GW_DIALECT_SQLITE,
     "-- customers of shop %u\n"
     "CREATE TABLE customer_%u (\n"
     "    id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
     "    email TEXT NOT NULL UNIQUE COLLATE NOCASE,\n"
     "    created_at TEXT NOT NULL DEFAULT (datetime('now')),\n"
     "    balance REAL NOT NULL DEFAULT 0.0 CHECK (balance >= 0)\n"
     ");\n"
     "CREATE INDEX customer_email_idx ON customer (email, created_at DESC);\n"},
    {"postgres, dollar bodies", GW_DIALECT_POSTGRES,
     "CREATE FUNCTION touch_%u() RETURNS trigger LANGUAGE plpgsql AS $$\n"
     "BEGIN\n"
     "    IF NEW.updated_at IS NULL THEN NEW.updated_at := now(); END IF; -- %u\n"
     "    RETURN NEW;\n"
     "END;\n"
     "$$;\n"},
    {"mysql, bodies without DELIMITER", GW_DIALECT_MYSQL,
     "CREATE TRIGGER touch_%u BEFORE UPDATE ON customer FOR EACH ROW\n"
     "BEGIN\n"
     "    IF NEW.updated_at IS NULL THEN SET NEW.updated_at = now(); END IF;\n"
     "    INSERT INTO log (customer, kind) VALUES (NEW.id, CASE WHEN NEW.balance > %u THEN 'rich' ELSE 'poor' END);\n"
     "END;\n"},
    {"postgres, rows", GW_DIALECT_POSTGRES,
     "INSERT INTO public.customer (id, email, name, note) VALUES (%u, 'someone%u@example.org', 'Some One', 'A longer "
     "text, "
     "as it stands in such rows, with nothing in it but words and a comma here and there; and a semicolon.');\n"},
};

static double
now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static gw_str
make_text(gw_arena *a, const char *unit, size_t bytes)
{
    gw_buf b = gw_buf_new(a);
    const gw_str whole = gw_str_of(unit);
    for (unsigned n = 1; b.len < bytes; n++)
        for (gw_str rest = whole, part; rest.len > 0;) {
            part = gw_str_cut(rest, '%', &rest);
            gw_buf_add(&b, part);
            if (rest.ptr == NULL)
                break;
            gw_buf_printf(&b, "%u", n);
            rest = gw_str_slice(rest, 1, rest.len);
        }
    return gw_buf_str(&b);
}

static int
measure(const sample *s, size_t bytes)
{
    GW_SCOPE(a);
    const gw_split_params p = {.path = s->name, .text = make_text(a, s->text, bytes), .dialect = {.kind = s->dialect}};
    double split = 1e9, classify = 1e9;
    size_t count = 0, ddl = 0;
    for (int round = 0; round < 7; round++) {
        GW_SCOPE(scratch);
        gw_stmts stmts = {0};
        gw_err e = {0};
        double begin = now();
        if (gw_split(scratch, &p, &stmts, &e) != GODWIT_OK) {
            fprintf(stderr, "%s\n", e.message);
            return 1;
        }
        split = now() - begin < split ? now() - begin : split;
        begin = now();
        for (size_t i = 0; i < stmts.len; i++) {
            const gw_stmt *const st = &stmts.at[i];
            ddl += gw_classify((gw_str){p.text.ptr + st->offset, st->length}, p.dialect).kind == GW_CLASS_DDL;
        }
        classify = now() - begin < classify ? now() - begin : classify;
        count = stmts.len;
    }
    printf("%-34s %6.0f MB/s  %8zu statements, %4.0f ns each to classify%s\n", s->name,
           (double)p.text.len / 1e6 / split, count, classify / (double)count * 1e9, ddl > 0 ? "" : " (no DDL)");
    return 0;
}

int
main(int argc, char **argv)
{
    const size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 16;
    int failed = 0;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        failed |= measure(&samples[i], mib << 20);
    return failed;
}
