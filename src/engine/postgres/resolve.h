/*
 * engine/postgres/resolve - SQL texts that look for what a name, as written in a statement, leads to.
 *
 * By the catalog, where nothing but names is needed: to_regclass() fails on a schema that this role must not use. Everything is
 * qualified, operators too, since a migration may change where bare names lead.
 */
#ifndef GW_ENGINE_POSTGRES_RESOLVE_H
#define GW_ENGINE_POSTGRES_RESOLVE_H

#include "engine/postgres/session.h"

/* A mark such as "{name}", and what stands in its place. */
typedef struct gw_pg_mark {
    const char *mark, *text;
} gw_pg_mark;

/* The text with its marks replaced; what replaces them is not looked into. */
char *gw_pg_fill(gw_arena *a, const char *text, const gw_pg_mark *marks, size_t count);

/* A written name as SQL: a constant of type name, and an array of the schemas to look in. */
typedef struct gw_pg_name {
    const char *name, *path;
} gw_pg_name;

/* false: it cannot be told what it means (U&"…", or no name at all). */
bool gw_pg_name_read(gw_arena *a, gw_pg *c, gw_str written, gw_pg_name *out);
/* `find`, one of sql/find_….sql, for it. {on} is the expression `on`; NULL: none. */
char *gw_pg_find(gw_arena *a, const char *find, const gw_pg_name *name, const char *on);
/* "(SELECT …)": the oid of the relation, or null. */
char *gw_pg_relation(gw_arena *a, const gw_pg_name *name);

#endif
