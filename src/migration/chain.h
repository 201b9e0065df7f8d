/*
 * migration/chain - how Atlas proves a file that ran in part: "partial_hashes", a running SHA-256 over the statements, one value after each.
 *
 *     ["h1:<base64>", …]
 *
 * A statement is its text with the semicolon that ends it, without the comments above it; where the file says another delimiter, without that.
 * Source: Atlas's own executor. Pure.
 */
#ifndef GW_MIGRATION_CHAIN_H
#define GW_MIGRATION_CHAIN_H

#include "migration/script.h"

/* Does the script begin with the `done` statements that the chain tells of? SIZE_MAX: yes. Else the index of the first that is another one;
 * stmts.len, less than `done`, when the script is too short. *kept false: the chain does not tell of so many. */
size_t gw_chain_changed(const char *chain, const gw_script *s, size_t done, bool *kept);

#endif
