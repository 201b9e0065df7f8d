-- UNIQUE (version, id) says nothing new; it is there for its index, by which the newest row of a version is found.
-- AUTOINCREMENT: a number is never given twice, also when the newest rows were deleted by hand.
CREATE TABLE IF NOT EXISTS {table} (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    direction TEXT NOT NULL,
    state TEXT NOT NULL,
    checksum TEXT,
    statements INTEGER NOT NULL,
    done INTEGER NOT NULL,
    fingerprint TEXT,
    started_at TEXT,
    finished_at TEXT,
    duration_ms INTEGER NOT NULL,
    applied_by TEXT,
    run_id TEXT,
    tool TEXT,
    error TEXT,
    down TEXT,
    UNIQUE (version, id)
)
