/* The least that a client of MySQL or MariaDB can do: connect, one query, all of its rows. The password is in MYSQL_PWD.
 * plain_my HOST PORT USER DATABASE QUERY */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>

static int
fail(MYSQL *link)
{
    fprintf(stderr, "plain_my: %s\n", mysql_error(link));
    return 1;
}

int
main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    MYSQL *const link = mysql_init(NULL);
    const unsigned port = (unsigned)strtoul(argv[2], NULL, 10);
    if (mysql_real_connect(link, argv[1], argv[3], getenv("MYSQL_PWD"), argv[4], port, NULL, 0) == NULL ||
        mysql_query(link, argv[5]) != 0)
        return fail(link);
    MYSQL_RES *const rows = mysql_store_result(link);
    if (rows == NULL)
        return fail(link);
    mysql_free_result(rows);
    mysql_close(link);
    return 0;
}
