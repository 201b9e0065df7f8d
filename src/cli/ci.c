#include "cli/ci.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/git.h"
#include "base/vec.h"

/* A database in a container. All of it is for a job, and gone with it: the password guards nothing. */
typedef struct engine {
    const char *name, *image;    /* image NULL: a file, no container */
    const char *before, *behind; /* of the database's name in the URL */
    const char *variables[2];
} engine;

static const engine engines[] = {
    {"postgres",
     "postgres:17",
     "postgres://postgres:godwit@postgres:5432/",
     "?sslmode=disable",
     {"POSTGRES_PASSWORD: godwit", "POSTGRES_DB: app"}},
    {"mysql",
     "mysql:8.4",
     "mysql://root:godwit@mysql:3306/",
     "?sslmode=require",
     {"MYSQL_ROOT_PASSWORD: godwit", "MYSQL_DATABASE: app"}},
    {"mariadb",
     "mariadb:11.4",
     "mariadb://root:godwit@mariadb:3306/",
     "?sslmode=disable",
     {"MARIADB_ROOT_PASSWORD: godwit", "MARIADB_DATABASE: app"}},
    {"sqlite", NULL, "sqlite:", ".db", {NULL, NULL}},
};
enum { ENGINES = sizeof(engines) / sizeof(engines[0]) };

/* One folder of migrations and its database. */
typedef struct target {
    const char *service; /* NULL: of no service */
    const char *folder;
    const engine *engine;
} target;

typedef struct plan {
    gw_vec(target) targets;
    const char *prefix; /* from the top of the repository to here, "backend/"; empty: here it is */
    bool is_used[ENGINES];
} plan;

/* ---- what is configured ---- */

static gw_rc
fail_engine(const char *said, gw_err *e)
{
    (void)gw_fail(e, GODWIT_USAGE, "there is no engine '%s'", said);
    return gw_err_hint(e, "postgres, mysql, mariadb or sqlite");
}

/* By its name, or by the URL that begins with it: postgresql, sqlite3. */
static const engine *
find_engine(gw_str name)
{
    for (size_t i = 0; i < ENGINES; i++)
        if (gw_str_starts(name, engines[i].name))
            return &engines[i];
    return NULL;
}

static gw_rc
choose_engine(const gw_invocation *in, const engine **out, gw_err *e)
{
    const char *const said = in->options.engine;
    const char *url, *origin;
    gw_str rest;
    if (said != NULL) {
        *out = find_engine(gw_str_of(said));
        return *out != NULL && strcmp((*out)->name, said) == 0 ? GODWIT_OK : fail_engine(said, e);
    }
    if (godwit_get(in->gw, "url", &url, &origin, e) != GODWIT_OK)
        return gw_err_note(e, "the engine of the URL decides which container is started; --engine E says it as well");
    *out = find_engine(gw_str_cut(gw_str_of(url), ':', &rest));
    return *out != NULL ? GODWIT_OK : fail_engine(url, e);
}

static gw_rc
add_target(const gw_invocation *in, gw_arena *a, const char *service, plan *out, gw_err *e)
{
    target t = {.service = service};
    const char *folder, *origin;
    if (service != NULL)
        GW_TRY(godwit_set(in->gw, "service", service, e));
    GW_TRY(godwit_get(in->gw, "migrations", &folder, &origin, e));
    t.folder = gw_text(a, folder);
    GW_TRY(choose_engine(in, &t.engine, e));
    out->is_used[t.engine - engines] = true;
    *gw_vec_push(a, &out->targets) = t;
    return GODWIT_OK;
}

static gw_rc
make_plan(const gw_invocation *in, gw_arena *a, plan *out, gw_err *e)
{
    const char *const *names;
    size_t count;
    gw_err none = {0};
    *out = (plan){.prefix = ""};
    if (gw_git_line(a, &(gw_git){0}, "rev-parse --show-prefix", NULL, &out->prefix, &none) != GODWIT_OK)
        out->prefix = ""; /* no repository yet: it will begin here */
    GW_TRY(godwit_services(in->gw, &names, &count, e));
    const char **const kept = gw_new_array(a, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        kept[i] = gw_text(a, names[i]);
    for (size_t i = 0; i < count; i++)
        GW_TRY(add_target(in, a, kept[i], out, e));
    return count == 0 ? add_target(in, a, NULL, out, e) : GODWIT_OK;
}

/* ---- its text ---- */

/* Between single quotes; `escaped` is what one of them becomes: '' in YAML, '\'' in a shell. */
static char *
quoted(gw_arena *a, const char *text, const char *escaped)
{
    gw_buf out = gw_buf_new(a);
    gw_buf_putc(&out, '\'');
    for (; *text != '\0'; text++)
        if (*text == '\'')
            gw_buf_puts(&out, escaped);
        else
            gw_buf_putc(&out, *text);
    gw_buf_putc(&out, '\'');
    return gw_strdup(a, gw_buf_str(&out));
}

static char *
for_yaml(gw_arena *a, const char *text)
{
    return quoted(a, text, "''");
}

static char *
for_shell(gw_arena *a, const char *text)
{
    const size_t plain = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./");
    return text[0] != '\0' && text[0] != '-' && text[plain] == '\0' ? gw_text(a, text) : quoted(a, text, "'\\''");
}

/* A list item for each file whose change is a reason to run; folders outside of the repository are none. */
static void
add_paths(gw_arena *a, gw_buf *out, const plan *p, const char *indent)
{
    for (size_t i = 0; i < p->targets.len; i++) {
        const char *const folder = p->targets.at[i].folder;
        if (folder[0] != '/' && strncmp(folder, "..", 2) != 0)
            gw_buf_printf(out, "%s- %s\n", indent, for_yaml(a, gw_printf(a, "%s%s/**", p->prefix, folder)));
    }
    gw_buf_printf(out, "%s- %s\n", indent, for_yaml(a, gw_printf(a, "%sgodwit.yaml", p->prefix)));
}

/* What a deploy does, on an empty database; `line` is how a line of a script begins. */
static void
add_script(gw_arena *a, gw_buf *out, const plan *p, const char *line)
{
    for (size_t i = 0; i < p->targets.len; i++) {
        const target *const t = &p->targets.at[i];
        const char *const name = t->service == NULL ? "app" : t->service;
        const char *const of = t->service == NULL ? "" : gw_printf(a, " --service %s", for_shell(a, t->service));
        const char *const url = gw_printf(a, "%s%s%s", t->engine->before, name, t->engine->behind);
        gw_buf_printf(out, "%sexport DATABASE_URL=%s\n", line, quoted(a, url, "'\\''"));
        gw_buf_printf(out, "%sgodwit validate%s ${base:+--base \"$base\"}\n", line, of);
        if (t->engine->image != NULL)
            gw_buf_printf(out, "%sgodwit db wait%s\n", line, of);
        gw_buf_printf(out, "%sgodwit up%s --create\n", line, of);
        gw_buf_printf(out, "%sgodwit verify%s\n", line, of);
        gw_buf_printf(out, "%sgodwit status%s --exit-code\n", line, of);
    }
}

static void
add_build(gw_buf *out, const char *line)
{
    gw_buf_printf(out,
                  "%sgit clone --depth 1 --branch \"$GODWIT_TAG\" \"$GODWIT_SOURCE\" /opt/godwit\n"
                  "%s/opt/godwit/do build\n"
                  "%sinstall -m 755 /opt/godwit/build/godwit /usr/local/bin/godwit\n",
                  line, line, line);
}

static void
add_head(gw_buf *out, const char *system)
{
    gw_buf_printf(out,
                  "# Written by `godwit ci %s`, godwit %s: migrations on an empty database, as a deploy runs them.\n"
                  "# Say in GODWIT_SOURCE where you have godwit from, and in GODWIT_TAG a tag or a branch of it.\n",
                  system, godwit_version());
}

static void
write_github(gw_arena *a, gw_buf *out, const plan *p)
{
    gw_buf_puts(out, "name: migrations\non:\n  pull_request:\n    paths:\n");
    add_paths(a, out, p, "      ");
    gw_buf_puts(out, "  push:\n    branches: [main]\n    paths:\n");
    add_paths(a, out, p, "      ");
    gw_buf_printf(out,
                  "permissions:\n  contents: read\n"
                  "jobs:\n  migrations:\n    runs-on: ubuntu-24.04\n    container: debian:12\n    env:\n"
                  "      GODWIT_SOURCE: https://git.example.org/godwit.git\n      GODWIT_TAG: v%s\n",
                  godwit_version());
    bool has_services = false;
    for (size_t i = 0; i < ENGINES; i++) {
        if (!p->is_used[i] || engines[i].image == NULL)
            continue;
        gw_buf_printf(out, "%s      %s:\n        image: %s\n        env:\n          %s\n          %s\n",
                      has_services ? "" : "    services:\n", engines[i].name, engines[i].image, engines[i].variables[0],
                      engines[i].variables[1]);
        has_services = true;
    }
    gw_buf_puts(out, "    steps:\n      - name: git, for the check-out and for validate --base\n        run: |\n"
                     "          apt-get update\n"
                     "          apt-get install -y --no-install-recommends ca-certificates git\n"
                     "      - uses: actions/checkout@v4\n        with:\n          fetch-depth: 0\n"
                     "      - name: godwit, built from its source\n        run: |\n");
    add_build(out, "          ");
    gw_buf_puts(out, "      - name: validate, up, verify, status\n");
    if (*p->prefix != '\0')
        gw_buf_printf(out, "        working-directory: %s\n", for_yaml(a, p->prefix));
    gw_buf_puts(out, "        run: |\n"
                     "          git config --global --add safe.directory \"$GITHUB_WORKSPACE\"\n"
                     "          base=${GITHUB_BASE_REF:+origin/$GITHUB_BASE_REF}\n");
    add_script(a, out, p, "          ");
}

static void
write_gitlab(gw_arena *a, gw_buf *out, const plan *p)
{
    gw_buf_puts(out, "migrations:\n  image: debian:12\n");
    bool has_services = false;
    for (size_t i = 0; i < ENGINES; i++) {
        if (!p->is_used[i] || engines[i].image == NULL)
            continue;
        gw_buf_printf(out, "%s    - name: %s\n      alias: %s\n", has_services ? "" : "  services:\n", engines[i].image,
                      engines[i].name);
        has_services = true;
    }
    gw_buf_printf(out,
                  "  variables:\n    GIT_DEPTH: \"0\"\n"
                  "    GODWIT_SOURCE: https://git.example.org/godwit.git\n    GODWIT_TAG: v%s\n",
                  godwit_version());
    for (size_t i = 0; i < ENGINES; i++)
        if (p->is_used[i] && engines[i].image != NULL)
            gw_buf_printf(out, "    %s\n    %s\n", engines[i].variables[0], engines[i].variables[1]);
    gw_buf_puts(out, "  rules:\n    - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"\n      changes:\n");
    add_paths(a, out, p, "        ");
    gw_buf_puts(out, "    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n      changes:\n");
    add_paths(a, out, p, "        ");
    gw_buf_puts(out, "  before_script:\n    - |\n      set -e\n      apt-get update\n"
                     "      apt-get install -y --no-install-recommends ca-certificates git\n");
    add_build(out, "      ");
    gw_buf_puts(
        out,
        "  script:\n    - |\n      set -e\n      git config --global --add safe.directory \"$CI_PROJECT_DIR\"\n"
        "      base=${CI_MERGE_REQUEST_TARGET_BRANCH_NAME:+origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME}\n"
        "      [ -z \"$base\" ] || git fetch origin \"$CI_MERGE_REQUEST_TARGET_BRANCH_NAME:refs/remotes/$base\"\n");
    if (*p->prefix != '\0')
        gw_buf_printf(out, "      cd %s\n", for_shell(a, p->prefix));
    add_script(a, out, p, "      ");
}

static const struct {
    const char *name;
    void (*write)(gw_arena *a, gw_buf *out, const plan *p);
} systems[] = {{"github", write_github}, {"gitlab", write_gitlab}};
enum { SYSTEMS = sizeof(systems) / sizeof(systems[0]) };

/* ---- where it goes ---- */

static gw_rc
write_file(const char *path, gw_str text, gw_result *out)
{
    godwit_report *const report = gw_new(out->arena, godwit_report);
    const char **const paths = gw_new_array(out->arena, const char *, 1);
    const char *const slash = strrchr(path, '/');
    if (slash != NULL && slash != path)
        GW_TRY(gw_dir_make(gw_strdup(out->arena, (gw_str){path, (size_t)(slash - path)}), &out->error));
    GW_TRY(gw_file_create(path, text, &out->error));
    paths[0] = path;
    *report = (godwit_report){.success = true, .paths = paths, .path_count = 1};
    out->report = report;
    return GODWIT_OK;
}

godwit_rc
gw_ci_print(const gw_invocation *in, gw_result *out)
{
    gw_arena *const a = out->arena;
    plan p;
    gw_buf text = gw_buf_new(a);
    size_t at = 0;
    while (at < SYSTEMS && strcmp(systems[at].name, in->operands[0]) != 0)
        at++;
    if (at == SYSTEMS) {
        (void)gw_fail(&out->error, GODWIT_USAGE, "there is no workflow for '%s'", in->operands[0]);
        return gw_err_hint(&out->error, "github or gitlab");
    }
    GW_TRY(make_plan(in, a, &p, &out->error));
    add_head(&text, systems[at].name);
    systems[at].write(a, &text, &p);
    if (in->options.output != NULL)
        return write_file(in->options.output, gw_buf_str(&text), out);
    fputs(gw_buf_text(&text), stdout);
    return GODWIT_OK;
}
