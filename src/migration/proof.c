#include "migration/proof.h"

#include <string.h>

#include "base/digest.h"
#include "base/hash.h"
#include "migration/folder.h"
#include "migration/layout.h"
#include "sql/source.h"

#define MD5_MARK "9:"

/* Each line without its end, and the text without its byte order mark. */
static const char *
crc_of_lines(gw_arena *a, gw_str text)
{
    uint32_t crc = 0;
    if (gw_str_starts(text, "\xEF\xBB\xBF"))
        text = gw_str_slice(text, 3, text.len);
    for (size_t i = 0, from = 0; i <= text.len; i++)
        if (i == text.len || text.ptr[i] == '\n' || text.ptr[i] == '\r') {
            crc = gw_crc32(crc, gw_str_slice(text, from, i));
            from = i + 1;
        }
    return gw_printf(a, "%ld", (long)(int32_t)crc);
}

/* "--! Hash: sha1:…" */
static const char *
quoted_hash(gw_arena *a, gw_str text)
{
    const char *const mark = "--! Hash: ";
    for (gw_str rest = text; rest.ptr != NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (gw_str_starts(line, mark))
            return gw_strdup(a, gw_str_trim(gw_str_slice(line, strlen(mark), line.len)));
        if (!gw_str_starts(line, "--!"))
            break;
    }
    return NULL;
}

static const char *
listed_hash(const gw_sum *listed, const gw_file *file)
{
    const char *const slash = strrchr(file->path, '/');
    const char *const base = slash == NULL ? file->path : slash + 1;
    for (size_t i = 0; i < listed->lines.len; i++)
        if (strcmp(listed->lines.at[i].name, base) == 0)
            return listed->lines.at[i].hash;
    return NULL;
}

/* "--comment: …" and "--validCheckSum: …" are Liquibase's own. */
static bool
is_own_mark(gw_str line)
{
    static const char *const words[] = {"comment", "validCheckSum"};
    line = gw_str_trim(line);
    if (!gw_str_starts(line, "--"))
        return false;
    line = gw_str_trim(gw_str_slice(line, 2, line.len));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const size_t len = strlen(words[i]);
        if (line.len > len && gw_str_is_nocase(gw_str_slice(line, 0, len), words[i]) &&
            strchr(": \t", line.ptr[len]) != NULL)
            return true;
    }
    return false;
}

/* Liquibase's of version 9: of a changeset that is one text, which counts without its white space. Of a line that is run in any part, all
 * counts: the frame puts a semicolon where another delimiter stands. */
static gw_rc
changeset_hash(gw_arena *a, const gw_proof_params *p, gw_str text, const char **out, gw_err *e)
{
    gw_frame f;
    gw_buf dense = gw_buf_new(a);
    const gw_frame_params fp = {
        .path = p->file->path, .text = text, .section = p->file->section, .is_literal = p->file->is_literal};
    GW_TRY(gw_frame_read(a, p->folder->layout->frame, &fp, &f, e));
    for (gw_str rest = f.text; rest.ptr != NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        const size_t from = (size_t)(line.ptr - f.text.ptr);
        if (gw_str_trim(line).len == 0 || is_own_mark(line))
            continue;
        for (size_t i = from; i < from + line.len; i++)
            if (strchr(" \t\r", text.ptr[i]) == NULL)
                gw_buf_putc(&dense, text.ptr[i]);
    }
    const char *const change = gw_printf(a, MD5_MARK "%s:", gw_md5_hex(a, gw_buf_str(&dense)));
    *out = gw_printf(a, MD5_MARK "%s", gw_md5_hex(a, gw_str_of(change)));
    return GODWIT_OK;
}

bool
gw_proof_is_comparable(gw_proof proof, const char *kept)
{
    if (proof == GW_PROOF_NONE || kept == NULL || kept[0] == '\0')
        return false;
    return proof != GW_PROOF_MD5 || gw_str_starts(gw_str_of(kept), MD5_MARK);
}

gw_rc
gw_proof_of(gw_arena *a, const gw_proof_params *p, const char **out, gw_err *e)
{
    gw_str text;
    GW_TRY(gw_file_read(a, p->file->path, GW_SQL_FILE_CAP, &text, e));
    switch (p->proof) {
    case GW_PROOF_SHA256:
        *out = gw_sha256_hex(a, text);
        break;
    case GW_PROOF_SHA384:
        *out = gw_sha384_hex(a, text);
        break;
    case GW_PROOF_SHA1:
        *out = gw_sha1_hex(a, text);
        break;
    case GW_PROOF_CRC32:
        *out = crc_of_lines(a, text);
        break;
    case GW_PROOF_MD5:
        return changeset_hash(a, p, text, out, e);
    case GW_PROOF_QUOTED:
        *out = quoted_hash(a, text);
        break;
    case GW_PROOF_LISTED:
        *out = listed_hash(p->listed, p->file);
        break;
    case GW_PROOF_NONE:
        *out = NULL;
        break;
    }
    return GODWIT_OK;
}
