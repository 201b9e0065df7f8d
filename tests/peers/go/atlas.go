// Atlas by its own library, as its program is not in the registry: atlas ENGINE DSN FOLDER apply|hash
//
// What runs, what each statement is, and what its hash is, is Atlas's. The table is written here, as the program writes it.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"
)

type engine struct {
	text, number, json, when string
	open                     func(schema.ExecQuerier) (migrate.Driver, error)
}

var engines = map[string]engine{
	"postgres": {"varchar", "bigint", "jsonb", "timestamptz", postgres.Open},
	"mysql":    {"varchar(255)", "bigint", "json", "timestamp", mysql.Open},
	"sqlite":   {"text", "integer", "json", "datetime", sqlite.Open},
}

// table is the history, as atlas_schema_revisions.
type table struct {
	db   *sql.DB
	kind string
}

func (t *table) create(ctx context.Context) error {
	e := engines[t.kind]
	_, err := t.db.ExecContext(ctx, strings.NewReplacer("TEXT", e.text, "NUMBER", e.number, "JSON", e.json, "WHEN", e.when).Replace(
		`CREATE TABLE IF NOT EXISTS atlas_schema_revisions (version TEXT NOT NULL PRIMARY KEY, description TEXT NOT NULL,
		type NUMBER NOT NULL DEFAULT 2, applied NUMBER NOT NULL DEFAULT 0, total NUMBER NOT NULL DEFAULT 0, executed_at WHEN NOT NULL,
		execution_time NUMBER NOT NULL, error text NULL, error_stmt text NULL, hash TEXT NOT NULL, partial_hashes JSON NULL,
		operator_version TEXT NOT NULL)`))
	return err
}

func (t *table) Ident() *migrate.TableIdent {
	return &migrate.TableIdent{Name: "atlas_schema_revisions"}
}

func (t *table) ReadRevisions(ctx context.Context) ([]*migrate.Revision, error) {
	rows, err := t.db.QueryContext(ctx, "SELECT version, description, type, applied, total, hash, partial_hashes, error FROM atlas_schema_revisions ORDER BY version")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*migrate.Revision
	for rows.Next() {
		r, hashes := &migrate.Revision{}, []byte(nil)
		if err := rows.Scan(&r.Version, &r.Description, &r.Type, &r.Applied, &r.Total, &r.Hash, &hashes, &r.Error); err != nil {
			return nil, err
		}
		if hashes != nil {
			if err := json.Unmarshal(hashes, &r.PartialHashes); err != nil {
				return nil, err
			}
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func (t *table) ReadRevision(ctx context.Context, version string) (*migrate.Revision, error) {
	all, err := t.ReadRevisions(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.Version == version {
			return r, nil
		}
	}
	return nil, migrate.ErrRevisionNotExist
}

func (t *table) WriteRevision(ctx context.Context, r *migrate.Revision) error {
	if err := t.DeleteRevision(ctx, r.Version); err != nil {
		return err
	}
	hashes, err := json.Marshal(r.PartialHashes)
	if err != nil {
		return err
	}
	values := "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
	if t.kind == "postgres" {
		values = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12"
	}
	_, err = t.db.ExecContext(ctx, "INSERT INTO atlas_schema_revisions VALUES ("+values+")", r.Version, r.Description, int(r.Type), r.Applied, r.Total,
		r.ExecutedAt.UTC().Format("2006-01-02 15:04:05"), int64(r.ExecutionTime), r.Error, r.ErrorStmt, r.Hash, string(hashes), "Atlas CLI")
	return err
}

func (t *table) DeleteRevision(ctx context.Context, version string) error {
	_, err := t.db.ExecContext(ctx, "DELETE FROM atlas_schema_revisions WHERE version = '"+version+"'")
	return err
}

func apply(ctx context.Context, kind, dsn string, dir migrate.Dir) error {
	db, err := sql.Open(kind, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	driver, err := engines[kind].open(db)
	if err != nil {
		return err
	}
	history := &table{db, kind}
	if err := history.create(ctx); err != nil {
		return err
	}
	unlock, err := driver.(schema.Locker).Lock(ctx, "atlas_migrate_execute", 10*time.Second)
	if err != nil {
		return err
	}
	defer unlock()
	executor, err := migrate.NewExecutor(driver, dir, history, migrate.WithAllowDirty(true))
	if err != nil {
		return err
	}
	return executor.ExecuteN(ctx, 0)
}

func run(args []string) error {
	dir, err := migrate.NewLocalDir(args[2])
	if err != nil {
		return err
	}
	if args[3] == "hash" {
		sum, err := dir.Checksum()
		if err != nil {
			return err
		}
		return migrate.WriteSumFile(dir, sum)
	}
	err = apply(context.Background(), args[0], args[1], dir)
	if errors.Is(err, migrate.ErrNoPendingFiles) {
		fmt.Println("No migration files to execute")
		return nil
	}
	return err
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
