/* The least that a client of PostgreSQL can do: connect, one query, all of its rows. plain_pg URL QUERY */
#include <libpq-fe.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    PGconn *const link = PQconnectdb(argv[1]);
    PGresult *const rows = PQexec(link, argv[2]);
    const int failed = PQresultStatus(rows) != PGRES_TUPLES_OK;
    if (failed)
        fprintf(stderr, "plain_pg: %s", PQerrorMessage(link));
    PQclear(rows);
    PQfinish(link);
    return failed;
}
