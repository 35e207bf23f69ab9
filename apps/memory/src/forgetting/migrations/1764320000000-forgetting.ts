import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose personal data runs and documents are about, whose was ordered to be erased, and which runs' texts went with it. */
export class Forgetting1764320000000 implements MigrationInterface {
  readonly name = 'Forgetting1764320000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE memory_erasure, memory_run_subject, memory_version_subject, memory_erased_run');
    await queryRunner.query('ALTER TABLE memory_thread_turn DROP COLUMN erased');
  }
}

const statements: readonly string[] = [
  `CREATE TABLE memory_erasure (
    tenant text NOT NULL,
    data_subject text NOT NULL,
    at timestamptz NOT NULL,
    documents integer NOT NULL DEFAULT 0,
    CONSTRAINT memory_erasure_key PRIMARY KEY (tenant, data_subject)
  )`,
  `CREATE TABLE memory_run_subject (
    tenant text NOT NULL,
    run_id text NOT NULL,
    data_subject text NOT NULL,
    begun_at timestamptz NOT NULL,
    CONSTRAINT memory_run_subject_key PRIMARY KEY (tenant, run_id)
  )`,
  'CREATE INDEX memory_run_subject_subject ON memory_run_subject (tenant, data_subject)',
  `CREATE TABLE memory_version_subject (
    tenant text NOT NULL,
    digest text NOT NULL,
    data_subject text NOT NULL,
    CONSTRAINT memory_version_subject_key PRIMARY KEY (tenant, data_subject, digest)
  )`,
  `CREATE TABLE memory_erased_run (
    tenant text NOT NULL,
    run_id text NOT NULL,
    data_subject text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT memory_erased_run_key PRIMARY KEY (tenant, run_id, data_subject)
  )`,
  'ALTER TABLE memory_thread_turn ADD COLUMN erased boolean NOT NULL DEFAULT false',
];
