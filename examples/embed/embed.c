/*
 * Migrate at start-up: a program that brings its database up to date with libgodwit before it serves anybody.
 *
 *     cc embed.c -o embed $(pkg-config --cflags --libs godwit)
 *     ./embed sqlite:app.db db/migrations
 */
#include <godwit.h>
#include <stdio.h>

static void
on_event(const godwit_event *event, void *context)
{
    (void)context;
    if (event->kind == GODWIT_EVENT_MIGRATION_END)
        printf("  %s %s (%lld ms)\n", event->version, event->name, (long long)event->elapsed_ms);
}

static godwit_rc
migrate(godwit *gw, const char *url, const char *folder, const godwit_report **report, godwit_error *error)
{
    godwit_rc rc = godwit_set(gw, "url", url, error);
    if (rc == GODWIT_OK)
        rc = godwit_set(gw, "migrations", folder, error);
    if (rc == GODWIT_OK)
        rc = godwit_up(gw, &(godwit_up_params){0}, report, error);
    return rc;
}

int
main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: embed URL FOLDER\n");
        return GODWIT_USAGE;
    }
    godwit *gw = godwit_new();
    godwit_error error = {0};
    const godwit_report *report = NULL;
    godwit_on_event(gw, on_event, NULL);
    const godwit_rc rc = migrate(gw, argv[1], argv[2], &report, &error);

    printf("success: %s\n", rc == GODWIT_OK ? "yes" : "no");
    if (report != NULL) {
        printf("files executed: %zu\n", report->files_executed);
        printf("errors: %zu\n", report->error_count);
        printf("duration: %lld ms\n", (long long)report->duration_ms);
    }
    if (rc != GODWIT_OK && error.line > 0)
        fprintf(stderr, "%s:%u:%u: ", error.path, error.line, error.column);
    if (rc != GODWIT_OK)
        fprintf(stderr, "%s\n%s\nhint: %s\n", error.message, error.notes, error.hint);
    godwit_free(gw);
    return (int)rc;
}
