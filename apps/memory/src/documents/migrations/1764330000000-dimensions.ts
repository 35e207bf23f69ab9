import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long the vectors of the one embedding model are. Whatever was stored so far is of the model that works offline. */
export class Dimensions1764330000000 implements MigrationInterface {
  readonly name = 'Dimensions1764330000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE memory_embedder ADD COLUMN dimensions integer NOT NULL DEFAULT 512');
    await queryRunner.query('ALTER TABLE memory_embedder ALTER COLUMN dimensions DROP DEFAULT');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE memory_embedder DROP COLUMN dimensions');
  }
}
