/*
 * workflow/scene - what most workflows begin with: the folder, the target with its lock, and both read together.
 *
 * Whoever is to write reads with the lock held, so that a second runner sees what the first one did; what was read before tells only
 * whether there is anything to write.
 */
#ifndef GW_WORKFLOW_SCENE_H
#define GW_WORKFLOW_SCENE_H

#include "workflow/migrations.h"
#include "workflow/session.h"

typedef struct gw_scene {
    gw_arena *arena;
    gw_call *call;
    gw_migrations migrations;
    gw_session session;
    gw_records records;
    gw_items items;
} gw_scene;

/* Read the folder, open the target, take the lock if the scene is to be locked from the beginning, read the history. A folder that is
 * not fit is told before anybody connects, one that differs from its sum file or is not signed as it should be only to who is to write. */
GW_CHECKED gw_rc gw_scene_open(gw_arena *a, gw_call *call, gw_access access, bool locked, gw_scene *out, gw_err *e);
/* Take the lock, and read the history as it is then. */
GW_CHECKED gw_rc gw_scene_lock(gw_scene *scene, gw_err *e);
/* Read the history again: records, items, and the report's count of pending migrations. Older items stay readable. */
GW_CHECKED gw_rc gw_scene_read(gw_scene *scene, gw_err *e);
/* Create the history table when there is none. */
GW_CHECKED gw_rc gw_scene_create_history(gw_scene *scene, gw_err *e);
/* NULL: neither a file nor a record. */
const gw_item *gw_scene_find(const gw_scene *scene, const char *version);
gw_dialect gw_scene_dialect(const gw_scene *scene);
/* The up file, the down file, or the down text that the history kept, made ready to run. */
GW_CHECKED gw_rc gw_scene_script(gw_arena *a, const gw_scene *scene, const gw_item *item, bool down, gw_script *out,
                                 gw_err *e);

#endif
