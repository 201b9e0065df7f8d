/*
 * Runs a fuzz target over files, without libFuzzer: every file, and every file of a folder, that is named on the command line.
 * So a corpus, with all that was ever found in it, is tried by each normal test run.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t files;

static int
run_file(const char *path)
{
    FILE *const f = fopen(path, "rb");
    struct stat st;
    if (f == NULL || fstat(fileno(f), &st) != 0) {
        perror(path);
        return 1;
    }
    /* Exactly as large as the input, so that a sanitizer sees a read behind it. */
    const size_t size = (size_t)st.st_size;
    uint8_t *const data = malloc(size == 0 ? 1 : size);
    const int failed = data == NULL || fread(data, 1, size, f) != size;
    if (failed)
        perror(path);
    else
        (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    (void)fclose(f);
    files++;
    return failed;
}

static int
run_path(const char *path)
{
    DIR *const dir = opendir(path);
    if (dir == NULL)
        return run_file(path);
    int failed = 0;
    for (const struct dirent *d; (d = readdir(dir)) != NULL;) {
        char inner[4096];
        const int len = snprintf(inner, sizeof(inner), "%s/%s", path, d->d_name);
        if (d->d_name[0] != '.' && len < (int)sizeof(inner))
            failed |= run_file(inner);
    }
    (void)closedir(dir);
    return failed;
}

int
main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= run_path(argv[i]);
    if (files == 0) {
        fprintf(stderr, "usage: %s FILE-OR-FOLDER…\n", argv[0]);
        return 2;
    }
    printf("%zu inputs\n", files);
    return failed;
}
