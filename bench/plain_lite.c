/* The least that a client of SQLite can do: open, one query, all of its rows. plain_lite FILE QUERY */
#include <sqlite3.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
    sqlite3 *db;
    if (argc != 3)
        return 2;
    const int failed = sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
                       sqlite3_exec(db, argv[2], NULL, NULL, NULL) != SQLITE_OK;
    if (failed)
        fprintf(stderr, "plain_lite: %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    return failed;
}
