/*
 * tests/trees - folders that are only text, for what reads layouts.
 *
 *     0001_a.sql
 *     | the first line of its text
 *     | and the second
 *     meta/_journal.json
 *     | {}
 *     empty/
 */
#ifndef GW_TESTS_TREES_H
#define GW_TESTS_TREES_H

#include "migration/tree.h"

/* In any order; a folder is there where something is in it. */
gw_tree tree_of(gw_arena *a, const char *path, gw_str lines);

#endif
