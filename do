#!/usr/bin/env bash
#
# ./do: everything there is to do with this repository. `./do help` lists it.
#
# It needs a Debian 12 system and nothing else: what a task uses is installed by that task. As another user than
# root it asks sudo. Build folders are build*/ in the checkout; servers of other Debian releases are kept in
# $GODWIT_CACHE (default: ~/.cache/godwit).

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cache=${GODWIT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/godwit}
# The system's Python: its packages are the ones that setup installs.
python=/usr/bin/python3
jobs=$(nproc)

# ---- packages ----

build_packages=(gcc libc6-dev meson ninja-build pkg-config python3 libcmocka-dev
    libpq-dev libmariadb-dev libsqlite3-dev libssl-dev libfyaml-dev)
demo_packages=("${build_packages[@]}" sqlite3)
test_packages=("${build_packages[@]}" g++ clang-14 git ca-certificates openssl
    python3-pytest python3-pytest-xdist python3-yaml
    postgresql mariadb-server galera-4 rsync sqlite3 pgbouncer debootstrap
    bash-completion zsh fish mandoc valgrind
    sqitch libdbd-sqlite3-perl libdbd-pg-perl libdbd-mysql-perl alembic sql-migrate yoyo)
check_packages=("${build_packages[@]}" clang-14 clang-format-14 clang-tidy-14)
fuzz_packages=("${build_packages[@]}" clang-14 libclang-rt-14-dev llvm-14)

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "./do: needs root or sudo for: $*" >&2
        exit 1
    fi
}

# need PACKAGE...: installs what is missing, by apt. Takes no time when nothing is.
need() {
    local installed package missing=() log
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
    for package; do
        [[ $'\n'$installed$'\n' == *$'\n'$package$'\n'* ]] || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    echo "installing ${#missing[@]} packages: ${missing[*]}"
    log=$(mktemp)
    forbid_services
    if ! { as_root apt-get update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "./do: apt-get could not install: ${missing[*]}; the whole story is in $log" >&2
        exit 1
    fi
    rm -f "$log"
    allow_services
}

# Database packages start their servers when they are installed. We start our own, so those need not.
forbid_services() {
    local policy=/usr/sbin/policy-rc.d
    [ ! -e "$policy" ] || return 0
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    trap allow_services EXIT
}

allow_services() {
    [ "$(trap -p EXIT)" ] || return 0
    as_root rm -f /usr/sbin/policy-rc.d
    trap - EXIT
}

# ---- other Debian releases ----

# The mirror that apt uses for Debian itself.
mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(LABEL)' 'Created-By: Packages' |
        awk '$2 !~ /-/ && ($3 == "Debian" || $3 == "") { print $1; exit }'
}

# root NAME SUITE PROBE PACKAGE...: a Debian of another release in the cache, complete when PROBE runs in it.
root() {
    local name=$1 suite=$2 probe=$3 folder=$cache/$1 log from
    shift 3
    [ ! -e "$folder/godwit-complete" ] || return 0
    mkdir -p "$cache"
    exec 9>"$cache/$name.lock"
    flock 9 # two runs at once make it once
    if [ ! -e "$folder/godwit-complete" ]; then
        if [ ! -d "$folder" ] || [ -d "$folder/debootstrap" ] || ! root_works "$folder" "$probe"; then
            from=$(mirror)
            echo "fetching Debian $suite with $* into $folder"
            as_root rm -rf "$folder" "$folder.part"
            log=$cache/$name.log
            bootstrap "$suite" "$folder.part" "$from" "$@" >"$log" 2>&1 || {
                tail -n 30 "$log" >&2
                echo "./do: no Debian $suite with $*; the whole story is in $log" >&2
                exit 1
            }
            as_root mv "$folder.part" "$folder"
            root_works "$folder" "$probe" || {
                echo "./do: $probe does not run in $folder" >&2
                exit 1
            }
        fi
        as_root touch "$folder/godwit-complete"
        rm -f "$cache/$name.log"
    fi
    exec 9>&-
}

bootstrap() {
    local suite=$1 folder=$2 from=$3 include proxy
    shift 3
    include=$(IFS=,; echo "$*")
    proxy=$(apt-config shell p Acquire::http::Proxy)
    eval "$proxy"
    as_root env ${p:+http_proxy="$p"} DEBIAN_FRONTEND=noninteractive \
        debootstrap --variant=minbase --include="$include" "$suite" "$folder" "$from"
}

root_works() {
    as_root chroot "$1" sh -c "$2" >/dev/null 2>&1
}

mysql_root() {
    root mysql sid 'mysqld --version' mysql-server-core
}

# ---- build ----

# configure FOLDER [meson option...]: set up a build folder; says nothing unless that fails.
# A folder that somebody set up by hand stays as it is; one of ours follows a change of our options.
configure() {
    local folder=$1 wipe=() log
    shift
    if [ -e "$folder/build.ninja" ]; then
        if [ ! -e "$folder/.options" ] || [ "$(cat "$folder/.options")" = "$*" ]; then return 0; fi
        wipe=(--wipe)
    fi
    log=$(mktemp)
    meson setup "$folder" "${wipe[@]}" "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        rm -f "$log"
        exit 1
    }
    rm -f "$log"
    echo "$*" >"$folder/.options"
}

# What the compiler says is shown when it stops or warns; that meson looked again at its files is not worth a page.
compile() {
    local log rc=0
    log=$(mktemp)
    ninja --quiet -C "$1" >"$log" 2>&1 || rc=$?
    if [ "$rc" != 0 ] || grep -q 'warning:' "$log"; then cat "$log" >&2; fi
    rm -f "$log"
    return "$rc"
}

# build_in FOLDER [meson option...]
build_in() {
    configure "$@"
    compile "$1"
}

build() {
    need "${build_packages[@]}"
    build_in build "-Dwerror=${GODWIT_WERROR:-false}"
    ln -sfn src/cli/godwit build/godwit
}

# The program with fault points, which tests/crash makes it die at.
faulty() {
    build_in build-faults -Dfaults=true -Dtests=false
}

sources() {
    find src include tests examples bench -name '*.[ch]' 2>/dev/null | sort
}

sanitizers=('-Db_sanitize=address,undefined' -Db_lundef=false -Dchunks=false)
sanitize_env() {
    export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
}

# ---- tasks: each is announced with its line of help, and is a function do_NAME ----

tasks=
task() {
    tasks+=$(printf '  ./do %-9s %s' "$1" "$2")$'\n'
}

task help 'this list'
do_help() {
    sed -n '3,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    printf '\n%s' "$tasks"
}

task demo 'set up, build, and watch the main job on SQLite'
do_demo() {
    need "${demo_packages[@]}"
    build
    exec examples/quickstart/demo.sh "$PWD/build/godwit"
}

task test 'set up, build, run all tests on real servers; arguments go to tests/run.py'
do_test() {
    do_setup test
    build
    faulty
    exec "$python" tests/run.py --build build "$@"
}

task crash 'the long set of the breaking tests: every point at which a run can die, 64 runners, 10,000 runs of the model'
do_crash() {
    do_setup test
    build
    faulty
    GODWIT_CRASH=long exec "$python" tests/run.py --build build --suites crash "$@"
}

task build 'compile; leaves the program at build/godwit and the library beside it'
do_build() {
    build
    echo "build/godwit"
}

task setup 'install what the other tasks need: [build|demo|test|check|fuzz|all] (default: test)'
do_setup() {
    case "${1:-test}" in
    build) need "${build_packages[@]}" ;;
    demo) need "${demo_packages[@]}" ;;
    check) need "${check_packages[@]}" ;;
    fuzz) need "${fuzz_packages[@]}" ;;
    test)
        need "${test_packages[@]}"
        mysql_root
        ;;
    all)
        need "${test_packages[@]}" "${check_packages[@]}" "${fuzz_packages[@]}" gcovr
        mysql_root
        ;;
    *)
        echo "./do setup: build, demo, test, check, fuzz or all, not '$1'" >&2
        exit 2
        ;;
    esac
}

task check 'format, floors, rooms, docs, clang-tidy; warnings are errors with gcc and clang; the release and the minimal build'
do_check() {
    local check broken=()
    # step TITLE COMMAND...: all of them run, also after one that failed
    step() {
        local title=$1
        shift
        echo "$title"
        ("$@") || broken+=("$title")
    }
    need "${check_packages[@]}"
    step format well_formatted
    step tools/floors.py "$python" tools/floors.py
    step tools/rooms.py "$python" tools/rooms.py
    step 'gcc, warnings are errors' build_in build-gcc -Dwerror=true
    for check in tools/*_check.py; do
        step "$check" env GODWIT_BIN=build-gcc/src/cli/godwit "$python" "$check"
    done
    CC=clang-14 step 'clang, warnings are errors' build_in build-clang -Dwerror=true
    step 'release, without assertions' build_in build-ndebug -Dwerror=true -Dbuildtype=release -Dtests=false
    step 'minimal: SQLite alone' build_in build-minimal -Dwerror=true -Dpostgres=disabled -Dmysql=disabled
    step 'minimal: its tests' "$python" tests/run.py --build build-minimal --suites unit
    step clang-tidy tidy
    [ "${#broken[@]}" = 0 ] || { printf 'failed: %s\n' "${broken[@]}" >&2; exit 1; }
    echo 'all checks passed'
}

well_formatted() {
    local wrong
    wrong=$(sources | xargs clang-format-14 --dry-run -Werror 2>&1 | sed -n 's/^\([^ ]*\): error: .*/\1/p' | sort -u -t: -k1,1)
    [ -z "$wrong" ] || { printf '%s\nrun ./do format\n' "$wrong"; return 1; }
}

tidy() {
    # Left out: what is wrong about arenas, sizeof(x[0]), our names and text with a length; noise in C; what the compilers'
    # -Wconversion and -Wduplicated-branches say already; and what wants Annex K.
    local check checks='-*,clang-analyzer-*,bugprone-*'
    for check in bugprone-easily-swappable-parameters bugprone-reserved-identifier bugprone-narrowing-conversions bugprone-branch-clone \
        bugprone-sizeof-expression bugprone-not-null-terminated-result clang-analyzer-valist.Uninitialized \
        clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling; do
        checks+=,-$check
    done
    find src -name '*.c' | sort |
        xargs -P "$jobs" -n 4 clang-tidy-14 -p build-clang --quiet --warnings-as-errors='*' --checks="$checks" 2>/dev/null |
        { grep -A2 ' error: ' || true; }
}

task format 'rewrite the C sources with clang-format'
do_format() {
    need "${check_packages[@]}"
    sources | xargs clang-format-14 -i
}

task asan 'all tests with AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer; fault points are built in'
do_asan() {
    do_setup test
    build_in build-asan "${sanitizers[@]}" -Dfaults=true
    sanitize_env
    exec "$python" tests/run.py --build build-asan --suites unit,e2e "$@"
}

task valgrind 'unit tests and the contract on SQLite under valgrind'
do_valgrind() {
    need "${test_packages[@]}"
    build_in build-valgrind -Dchunks=false
    exec "$python" tests/run.py --build build-valgrind --suites unit,e2e --engines sqlite \
        --wrap 'valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect' \
        "$@" tests/e2e/test_contract.py
}

task cover 'run all tests and print line and branch coverage per folder; build-cover/coverage.html has the lines'
do_cover() {
    do_setup test
    need gcovr
    faulty
    build_in build-cover -Db_coverage=true -Dbuildtype=debug
    find build-cover -name '*.gcda' -delete
    "$python" tests/run.py --build build-cover "$@" || echo "./do cover: tests failed; the numbers are what ran" >&2
    "$python" tests/cover.py build-cover
}

task fuzz 'libFuzzer on every target in tests/fuzz, all at once: [seconds] (default: 60)'
do_fuzz() {
    local seconds=${1:-60} targets target name pid log failed=0
    local -A pids=()
    need "${fuzz_packages[@]}"
    CC=clang-14 build_in build-fuzz -Dfuzz=true -Dc_args=-fsanitize=fuzzer-no-link "${sanitizers[@]}"
    sanitize_env
    mapfile -t targets < <(find build-fuzz/tests/fuzz -maxdepth 1 -type f -executable -name 'fuzz_*' | sort)
    [ "${#targets[@]}" -gt 0 ] || { echo "./do fuzz: no target was built" >&2; exit 1; }
    mkdir -p build-fuzz/findings
    for target in "${targets[@]}"; do
        name=${target##*/fuzz_}
        mkdir -p "build-fuzz/corpus/$name"
        echo "$name: $seconds s"
        # New inputs go to the first folder; the second, which is kept in the repository, is where the search begins.
        "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
            -artifact_prefix="build-fuzz/findings/$name-" "build-fuzz/corpus/$name" "tests/fuzz/corpus/$name" \
            >"build-fuzz/$name.log" 2>&1 &
        pids[$!]=$name
    done
    for pid in "${!pids[@]}"; do
        log=build-fuzz/${pids[$pid]}.log
        if wait "$pid"; then
            echo "${pids[$pid]}: no finding; $(sed -n 's/^stat::number_of_executed_units: */inputs tried: /p' "$log")"
        else
            failed=1
            echo "${pids[$pid]}: a finding, see $log and build-fuzz/findings" >&2
            tail -n 40 "$log" >&2
        fi
    done
    return "$failed"
}

task bench 'measure against the plain clients and the peers; prints ratios'
do_bench() {
    do_setup test
    # A release build: what is measured is what a user would run.
    build_in build-release -Dbuildtype=release -Dtests=false
    exec "$python" bench/run.py --program build-release/src/cli/godwit "$@"
}

task peers 'adoption from the other tools themselves, from npm, Go, cargo and Maven; arguments go to tests/run.py'
do_peers() {
    do_setup test
    # What a machine has stays what it is; the rest is Debian's.
    local client package
    for client in npm:npm go:golang-go cargo:cargo mvn:maven java:default-jdk-headless; do
        package=${client#*:}
        command -v "${client%:*}" >/dev/null || need "$package"
    done
    build
    # All at once where all are asked for. What cannot be had fails its own tests, by its name.
    [ $# -gt 0 ] || "$python" tests/peers/getting.py || true
    exec "$python" tests/run.py --build build --suites peers "$@"
}

task matrix 'contract and end-to-end tests on PostgreSQL 17 and 18, newer MariaDB, and the newest SQLite'
do_matrix() {
    local sid=$cache/sid trixie=$cache/trixie failed=()
    do_setup test
    root trixie trixie 'ls /usr/lib/postgresql/17/bin/postgres && mariadbd --version' postgresql-17 mariadb-server
    root sid sid 'ls /usr/lib/postgresql/18/bin/postgres && mariadbd --version && sqlite3 --version' postgresql-18 mariadb-server sqlite3
    build
    on() {
        local title=$1 engine=$2
        shift 2
        echo "== $title"
        env "$@" "$python" tests/run.py --build build --suites e2e --engines "$engine" || failed+=("$title")
    }
    on 'PostgreSQL 17' postgres GODWIT_TEST_ROOTS="postgres=$trixie"
    on 'PostgreSQL 18' postgres GODWIT_TEST_ROOTS="postgres=$sid"
    on "$(mariadb_of "$trixie")" mariadb GODWIT_TEST_ROOTS="mariadb=$trixie"
    on "$(mariadb_of "$sid")" mariadb GODWIT_TEST_ROOTS="mariadb=$sid"
    # The program with the libraries of sid: its loader finds libsqlite3, libpq and libmariadb there first.
    build_in build-shared -Dlinked=disabled -Dtests=false
    local loader libraries
    loader=$(echo "$sid"/usr/lib*/ld-linux-*.so.*)
    libraries=$(dirname "$(echo "$sid"/usr/lib/*/libsqlite3.so.0)")
    on "SQLite $(as_root chroot "$sid" sqlite3 --version | cut -d' ' -f1)" sqlite \
        GODWIT_TEST_LINKED=no GODWIT_BIN="$PWD/build-shared/src/cli/godwit" GODWIT_WRAP="${loader%% *} --library-path $libraries"
    [ "${#failed[@]}" = 0 ] || { echo "failed on: ${failed[*]}" >&2; exit 1; }
}

mariadb_of() {
    as_root chroot "$1" mariadbd --version | sed -n 's/.*Ver \([0-9.]*\)-MariaDB.*/MariaDB \1/p'
}

chosen=${1:-help}
[ $# = 0 ] || shift
if ! declare -F "do_$chosen" >/dev/null; then
    echo "./do: there is no task '$chosen'" >&2
    do_help >&2
    exit 2
fi
"do_$chosen" "$@"
