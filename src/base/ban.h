/* base/ban - calls that nobody makes here; force-included by the build. mysql.h must be included before it. */
#ifndef GW_BASE_BAN_H
#define GW_BASE_BAN_H
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat strtok atoi atol atof gets localtime gmtime asctime  \
    ctime
#endif
