/*
 * sql/mention - the names that a statement mentions: is a name among them, and which of them are objects that it works on?
 *
 * By its tokens, on the safe side: a column that is called like a table mentions that table. What a body or a text that is SQL itself
 * (a DO block, a routine, the name in nextval('…')) says counts too, but for the values of INSERT, UPDATE and DELETE. Names are compared by
 * their last part, in any case: who says the schema, and who the search path, one text does not tell.
 */
#ifndef GW_SQL_MENTION_H
#define GW_SQL_MENTION_H

#include "base/map.h"
#include "sql/classify.h"

/* Names, unquoted, without what qualifies them; begins zeroed. */
typedef struct gw_mentions {
    gw_map *names; /* in lower case */
} gw_mentions;

bool gw_mentions_has(const gw_mentions *names, gw_str name);
void gw_mentions_add(gw_arena *a, gw_mentions *names, gw_str name); /* an empty one is none */

/* The first of these names that the statement mentions; empty: none. */
gw_str gw_mention_find(gw_str statement, gw_dialect dialect, const gw_class *class, const gw_mentions *names);
/* All that it mentions, words of the language among them. */
void gw_mention_all(gw_arena *a, gw_str statement, gw_dialect dialect, gw_mentions *out);
/* The objects that it works on: those that it creates, changes or drops, with their tables; of a statement that does neither, the tables
 * that it reads and writes. */
void gw_mention_objects(gw_arena *a, gw_str statement, gw_dialect dialect, gw_mentions *out);
/* Does it run what is not in its text: CALL, EXECUTE, a block, a function that nobody here knows? */
bool gw_mention_is_hidden(gw_str statement, gw_dialect dialect, const gw_class *class);

#endif
