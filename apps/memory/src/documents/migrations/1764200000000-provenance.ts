import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Author and time of every passage, the versions that were ingested, and what was revoked. Earlier documents have no known author. */
export class Provenance1764200000000 implements MigrationInterface {
  readonly name = 'Provenance1764200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE memory_revocation, memory_version');
    for (const table of ['memory_passage', 'memory_document']) await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN author, DROP COLUMN written_at`);
  }
}

const statements: readonly string[] = [
  ...['memory_document', 'memory_passage'].flatMap((table) => [
    `ALTER TABLE ${table} ADD COLUMN author text NOT NULL DEFAULT 'unknown', ADD COLUMN written_at timestamptz NOT NULL DEFAULT now()`,
    `ALTER TABLE ${table} ALTER COLUMN author DROP DEFAULT, ALTER COLUMN written_at DROP DEFAULT`,
  ]),
  'UPDATE memory_document SET written_at = ingested_at',
  `UPDATE memory_passage SET written_at = document.ingested_at FROM memory_document AS document
   WHERE (document.tenant, document.scope, document.document_id) = (memory_passage.tenant, memory_passage.scope, memory_passage.document_id)`,
  `CREATE TABLE memory_version (
    tenant text NOT NULL,
    scope text NOT NULL,
    document_id text NOT NULL,
    digest text NOT NULL,
    title text NOT NULL,
    source text NOT NULL,
    author text NOT NULL,
    written_at timestamptz NOT NULL,
    trust text NOT NULL,
    secrecy text NOT NULL,
    text text NOT NULL,
    metadata jsonb NOT NULL,
    run_id text,
    run_commit integer,
    ingested_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memory_version_key PRIMARY KEY (tenant, scope, document_id, digest),
    CONSTRAINT memory_version_trust_known CHECK ("trust" IN ('user', 'endorsed', 'organisation', 'third-party', 'model')),
    CONSTRAINT memory_version_secrecy_known CHECK ("secrecy" IN ('public', 'internal', 'secret'))
  )`,
  'CREATE INDEX memory_version_digest ON memory_version (tenant, digest)',
  'CREATE INDEX memory_version_source ON memory_version (tenant, source)',
  'CREATE INDEX memory_version_run ON memory_version (tenant, run_id)',
  `CREATE TABLE memory_revocation (
    tenant text NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    by text NOT NULL,
    reason text NOT NULL,
    revoked_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memory_revocation_key PRIMARY KEY (tenant, kind, value),
    CONSTRAINT memory_revocation_kind_known CHECK ("kind" IN ('source', 'digest'))
  )`,
];
