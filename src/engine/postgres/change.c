#include "engine/postgres/change.h"

#include <string.h>

#include "engine/postgres/send.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
holds(gw_str text, const char *word)
{
    const size_t len = strlen(word);
    for (size_t at = 0; at + len <= text.len; at++)
        if (strncasecmp(text.ptr + at, word, len) == 0)
            return true;
    return false;
}

unsigned
gw_pg_may_change(gw_str verb, gw_str sql)
{
    static const char *const verbs[] = {"SET",     "RESET",   "SELECT",     "WITH",    "DO",    "CALL",
                                        "EXECUTE", "PREPARE", "DEALLOCATE", "DISCARD", "BEGIN", "START"};
    static const struct {
        const char *word;
        gw_pg_change change;
        const char *verb; /* only there; NULL: behind all of them */
    } words[] = {
        {"role", GW_PG_ROLE, NULL},         {"authorization", GW_PG_ROLE, NULL},
        {"encoding", GW_PG_ENCODING, NULL}, {"names", GW_PG_ENCODING, "SET"},
        {"prepare", GW_PG_PREPARED, NULL},  {"deallocate", GW_PG_PREPARED, NULL},
        {"discard", GW_PG_PREPARED, NULL},  {"read_only", GW_PG_READ_ONLY, NULL},
        {"only", GW_PG_READ_ONLY, "SET"},   {"only", GW_PG_READ_ONLY, "BEGIN"},
        {"only", GW_PG_READ_ONLY, "START"}, {"pg_advisory_unlock_all", GW_PG_LOCKS, "SELECT"},
    };
    unsigned changes = gw_str_is_nocase(verb, "EXECUTE") ? GW_PG_PREPARED : 0;
    bool speaks = false; /* to the session: names in DDL and data do not count */
    for (size_t i = 0; i < COUNT(verbs) && !speaks; i++)
        speaks = gw_str_is_nocase(verb, verbs[i]);
    for (size_t i = 0; speaks && i < COUNT(words); i++)
        if ((words[i].verb == NULL || gw_str_is_nocase(verb, words[i].verb)) && holds(sql, words[i].word))
            changes |= words[i].change;
    return changes;
}

gw_rc
gw_pg_exec_users(gw_pg *c, gw_str sql, gw_err *e)
{
    gw_str rest;
    GW_SCOPE(a);
    GW_TRY(gw_pg_own(c, gw_strdup(a, sql), e));
    const unsigned changes = gw_pg_may_change(gw_str_cut(gw_str_of(c->tag), ' ', &rest), sql);
    c->may_be_other_role |= (changes & GW_PG_ROLE) != 0;
    c->may_have_prepared |= (changes & GW_PG_PREPARED) != 0;
    if ((changes & GW_PG_READ_ONLY) != 0)
        gw_err_copy(c->read_only_by, sizeof(c->read_only_by), sql);
    return GODWIT_OK;
}
