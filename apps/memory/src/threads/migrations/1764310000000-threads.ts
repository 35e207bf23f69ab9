import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Threads as projected from the log, and how far each partition of it has been. */
export class Threads1764310000000 implements MigrationInterface {
  readonly name = 'Threads1764310000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE memory_thread_turn, memory_thread_position');
  }
}

const statements: readonly string[] = [
  `CREATE TABLE memory_thread_turn (
    tenant text NOT NULL,
    run_id text NOT NULL,
    thread text NOT NULL,
    requester text NOT NULL,
    goal text NOT NULL,
    goal_trust text NOT NULL,
    goal_secrecy text NOT NULL,
    asked_at timestamptz NOT NULL,
    status text NOT NULL,
    answer text,
    answer_trust text,
    answer_secrecy text,
    ended_at timestamptz,
    CONSTRAINT memory_thread_turn_key PRIMARY KEY (tenant, run_id),
    CONSTRAINT memory_thread_turn_status_known CHECK ("status" IN ('running', 'completed', 'failed', 'cancelled'))
  )`,
  'CREATE INDEX memory_thread_turn_thread ON memory_thread_turn (tenant, thread, asked_at, run_id)',
  `CREATE TABLE memory_thread_position (
    log_partition integer NOT NULL,
    sequence bigint NOT NULL,
    hash text NOT NULL,
    generation integer NOT NULL,
    CONSTRAINT memory_thread_position_key PRIMARY KEY (log_partition)
  )`,
];
