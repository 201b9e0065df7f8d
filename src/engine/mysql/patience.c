#include "engine/mysql/patience.h"

#include "base/ban.h"

/* MySQL limits what only reads, and takes no hint of 0 for an answer. */
void
gw_mysql_patience(const gw_mysql_flavour *f, gw_str *text, gw_buf *out)
{
    static const char select[] = "SELECT ";
    if (f->mariadb && gw_mysql_variable_column(f, "max_statement_time") != SIZE_MAX) {
        gw_buf_puts(out, "SET STATEMENT max_statement_time = 0 FOR ");
    } else if (gw_mysql_variable_column(f, "max_execution_time") != SIZE_MAX && gw_str_starts(*text, select)) {
        gw_buf_puts(out, "SELECT /*+ MAX_EXECUTION_TIME(4294967295) */ ");
        *text = gw_str_slice(*text, strlen(select), text->len);
    }
}
