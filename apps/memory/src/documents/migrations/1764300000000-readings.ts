import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who read what, projected from the log, and how far the log has been read. */
export class Readings1764300000000 implements MigrationInterface {
  readonly name = 'Readings1764300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE memory_reading, memory_descent, memory_projection_position');
  }
}

const statements: readonly string[] = [
  `CREATE TABLE memory_projection_position (
    projection text NOT NULL,
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT memory_projection_position_key PRIMARY KEY (projection, partition)
  )`,
  `CREATE TABLE memory_reading (
    tenant text NOT NULL,
    run_id text NOT NULL,
    call_id text NOT NULL,
    passage_id text NOT NULL,
    commit integer NOT NULL,
    digest text NOT NULL,
    source text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT memory_reading_key PRIMARY KEY (tenant, run_id, call_id, passage_id)
  )`,
  'CREATE INDEX memory_reading_digest ON memory_reading (tenant, digest)',
  'CREATE INDEX memory_reading_source ON memory_reading (tenant, source)',
  `CREATE TABLE memory_descent (
    tenant text NOT NULL,
    run_id text NOT NULL,
    commit integer NOT NULL,
    from_run_id text NOT NULL,
    from_commit integer,
    CONSTRAINT memory_descent_key PRIMARY KEY (tenant, run_id, commit, from_run_id)
  )`,
  'CREATE INDEX memory_descent_from ON memory_descent (tenant, from_run_id)',
];
