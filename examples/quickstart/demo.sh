#!/usr/bin/env bash
#
# The main job on SQLite, shown step by step: examples/quickstart/demo.sh PATH/TO/godwit
# Works on a copy in a temporary folder, which is removed at the end.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$(dirname "$(realpath "${1:?path of the program}")"):$PATH
for name in $(compgen -e); do # the demo must not meet the database of whoever watches it
    case "$name" in GODWIT_* | DATABASE_URL* | DB_MIGRATE_* | MIGRATION_* | APP_ENV) unset "$name" ;; esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/godwit.yaml" "$here/migrations" "$work"
cd "$work"

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }

# show EXPECTED-EXIT-CODE COMMAND: prints the command as one would type it, and what it answers.
show() {
    local rc=0
    printf '%s$ %s%s\n' "$bold" "$2" "$plain"
    eval "$2" 2>&1 || rc=$?
    [ "$rc" = "$1" ] || { printf 'the demo expected exit code %s, not %s\n' "$1" "$rc" >&2; exit 1; }
}

say 'A folder of SQL files and a database that does not exist yet.'
show 0 'ls migrations'
show 0 'godwit status'

say 'What would run? This writes nothing, not even a table.'
show 0 'godwit up --pretend'

say 'Run it.'
show 0 'godwit up'
show 0 'sqlite3 library.db "SELECT title, name FROM book JOIN author ON author.id = author_id ORDER BY published"'

say 'Nothing runs twice.'
show 0 'godwit up'

say 'A colleague adds a file with a mistake. The error says where, and nothing of the file is kept.'
cp "$here"/broken/* migrations/
show 1 'godwit up'
show 0 'sqlite3 library.db .tables'

say 'Mend it and go on.'
show 0 "sed -i 's/= rating/= 0/' migrations/0004_add_ratings.sql"
show 0 'godwit up'
show 0 'godwit status'

say 'A file that was applied must not change afterwards: that is noticed before anything is touched.'
show 0 "sed -i 's/1951/1952/' migrations/0003_first_books.sql"
show 3 'godwit up'
show 0 "sed -i 's/1952/1951/' migrations/0003_first_books.sql"

say 'And back: the newest one, then everything that is newer than 0001.'
show 0 'godwit down'
show 0 'godwit down 0001'
show 0 'godwit status'

say 'That was the main job. The same commands work on PostgreSQL, MySQL and MariaDB: only the URL differs.'
