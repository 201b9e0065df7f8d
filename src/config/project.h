/*
 * config/project - godwit.yaml as settings: which section says what.
 *
 *     settings, hooks: {…}, envs: {name: {settings}}, services: {name: {settings, envs: {name: {settings}}}}
 *
 * The whole file is checked: an unknown key and a value of the wrong shape are errors with position, also in sections
 * that nobody asked for. `schema` and `dev` may stand wherever settings may; their readers are elsewhere. Nothing is
 * expanded or executed here. A null says nothing.
 */
#ifndef GW_CONFIG_PROJECT_H
#define GW_CONFIG_PROJECT_H

#include "base/err.h"
#include "base/vec.h"
#include "config/setting.h"

typedef struct gw_project_value {
    const char *text; /* NULL: this section does not say it, unless exec; a list as comma text */
    const char *exec; /* the command of `!exec`; NULL none */
    unsigned line;
    size_t offset; /* of the value, in gw_project.text */
} gw_project_value;

typedef struct gw_project_section gw_project_section;
typedef gw_vec(gw_project_section *) gw_project_sections;
struct gw_project_section {
    const char *name; /* NULL at the top */
    gw_project_value values[GW_SETTING__COUNT];
    gw_project_sections envs;     /* of the top and of a service */
    gw_project_sections services; /* of the top */
};

typedef struct gw_project {
    const char *path, *folder; /* folder: "." when the path has none */
    gw_str text;
    gw_project_section *top;
} gw_project;

/* GODWIT_USAGE, and GODWIT_IO when the file cannot be read. */
GW_CHECKED gw_rc gw_project_read(gw_arena *a, const char *path, gw_project *out, gw_err *e);
/* NULL: there is none of this name. `of` may be NULL, or have none. */
const gw_project_section *gw_project_env(const gw_project_section *of, gw_str name);
const gw_project_section *gw_project_service(const gw_project_section *of, gw_str name);

#endif
