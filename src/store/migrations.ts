// The schema's history: append-only, each applied once, in order, inside a transaction.
import { type Kysely, sql } from 'kysely'

interface Migration {
  readonly name: string
  readonly up: readonly string[]
}

const migrations: readonly Migration[] = [
  {
    name: '0001-first',
    up: [
      `create table objects (
        kind text not null, id text not null, phase text not null, revision integer not null, model text not null,
        environment text, parent_id text, number integer, wake_at bigint, terminal integer not null,
        created_at bigint not null, updated_at bigint not null, body text not null,
        primary key (kind, id))`,
      'create unique index objects_number on objects (kind, model, number) where number is not null',
      'create index objects_due on objects (kind, wake_at) where wake_at is not null',
      'create index objects_parent on objects (parent_id) where parent_id is not null',
      'create index objects_model on objects (kind, model, environment, terminal)',
      `create table events (
        seq integer primary key, at bigint not null, kind text not null, object_id text not null,
        revision integer not null, phase text not null, model text not null, environment text, type text not null,
        actor text not null, because text not null, details text not null, after text not null,
        previous_hash text not null, hash text not null)`,
      'create index events_object on events (object_id, seq)',
      `create table intents (
        id text primary key, kind text not null, object_id text not null, command text not null, actor text not null,
        reason text, payload text not null, idempotency_key text not null unique, written_at bigint not null,
        answered_at bigint, accepted integer, because text)`,
      'create index intents_open on intents (kind, object_id) where answered_at is null',
      `create table notices (
        id text primary key, topic text not null, sentence text not null, details text not null,
        written_at bigint not null, attempts integer not null, delivered_at bigint)`,
      'create index notices_open on notices (written_at) where delivered_at is null',
      'create table leases (name text primary key, holder text not null, expires_at bigint not null)',
      `create table actions (
        key text primary key, step text not null, document text not null, outputs text not null,
        log_digest text, recorded_at bigint not null)`,
      'create index actions_step on actions (step, recorded_at)',
      'create table divergences (id text primary key, key text not null, outputs text not null, seen_at bigint not null)',
      `create table file_stamps (
        path text primary key, size bigint not null, mtime_ns text not null, ctime_ns text not null,
        inode text not null, mode text not null, digest text not null, recorded_at bigint not null)`,
      `create table evidence (
        environment text not null, model text not null, rollout_id text not null, candidate_bp integer not null,
        arm text not null, release_id text not null, minute bigint not null, requests bigint not null,
        errors bigint not null, client_errors bigint not null, unavailable bigint not null, rows bigint not null,
        sum_ms double precision not null, max_ms double precision not null, latency text not null,
        first_error_at bigint, last_error_at bigint, first_answer_at bigint, last_answer_at bigint,
        primary key (environment, model, rollout_id, candidate_bp, arm, release_id, minute))`,
      'create table evidence_segments (name text primary key, at bigint not null)',
    ],
  },
  {
    name: '0002-keeping',
    up: [
      `create table attestations (
        release_digest text not null, kind text not null, media_type text not null, digest text not null,
        size bigint not null, added_at bigint not null, primary key (release_digest, kind, digest))`,
      `create table pins (
        digest text primary key, because text not null, actor text not null, pinned_at bigint not null)`,
      'create table unreachable (digest text primary key, size bigint not null, since bigint not null)',
    ],
  },
  {
    // The file index is a file of its own (docs/adr/0012).
    name: '0003-file-index',
    up: ['drop table file_stamps'],
  },
  {
    // Pins became objects, so that each is one commit with its entry in the audit trail.
    name: '0004-pins',
    up: ['drop table pins'],
  },
]

/** Brings any older database to today's schema. Idempotent; refuses nothing it has already applied. */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  await sql`create table if not exists migrations (name text primary key)`.execute(db)
  const { rows } = await sql<{ name: string }>`select name from migrations`.execute(db)
  const applied = new Set(rows.map((row) => row.name))
  for (const migration of migrations) {
    if (applied.has(migration.name)) continue
    await db.transaction().execute(async (tx) => {
      // Written first: of several processes that open a new database at once, one migrates and the others find it done.
      const mine =
        await sql`insert into migrations (name) values (${migration.name}) on conflict do nothing returning name`.execute(
          tx,
        )
      if (mine.rows.length === 0) return
      for (const statement of migration.up) await sql.raw(statement).execute(tx)
    })
  }
}
