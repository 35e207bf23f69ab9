import type { MigrationInterface, QueryRunner } from 'typeorm';

const searchExpression = `setweight(to_tsvector('english'::regconfig, title), 'A') || setweight(to_tsvector('english'::regconfig, text), 'B')`;

/**
 * Documents, passages and the one embedding model. The expression of the generated column is written out here because
 * a migration must stay what it was when the entity moves on.
 */
export class CreateMemory1764000000000 implements MigrationInterface {
  readonly name = 'CreateMemory1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
    // TypeORM compares a generated column with what this table says, since Postgres reports it in other words.
    await queryRunner.query(
      `INSERT INTO typeorm_metadata (database, schema, "table", type, name, value)
       VALUES (current_database(), current_schema(), 'memory_passage', 'GENERATED_COLUMN', 'search', $1)`,
      [searchExpression],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM typeorm_metadata WHERE schema = current_schema() AND "table" = 'memory_passage' AND name = 'search'`);
    // The extension stays: others may use it.
    await queryRunner.query('DROP TABLE memory_passage, memory_document, memory_embedder');
  }
}

const statements: readonly string[] = [
  'CREATE EXTENSION IF NOT EXISTS vector',
  `CREATE TABLE memory_embedder (
    name text NOT NULL,
    singleton boolean NOT NULL DEFAULT true,
    CONSTRAINT memory_embedder_key PRIMARY KEY (name),
    CONSTRAINT memory_embedder_singleton UNIQUE (singleton),
    CONSTRAINT memory_embedder_only_one CHECK ("singleton")
  )`,
  `CREATE TABLE memory_document (
    tenant text NOT NULL,
    scope text NOT NULL,
    document_id text NOT NULL,
    digest text NOT NULL,
    title text NOT NULL,
    source text NOT NULL,
    trust text NOT NULL,
    secrecy text NOT NULL,
    metadata jsonb NOT NULL,
    chunks integer NOT NULL,
    ingested_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memory_document_key PRIMARY KEY (tenant, scope, document_id),
    CONSTRAINT memory_document_trust_known CHECK ("trust" IN ('user', 'endorsed', 'organisation', 'third-party', 'model')),
    CONSTRAINT memory_document_secrecy_known CHECK ("secrecy" IN ('public', 'internal', 'secret'))
  )`,
  `CREATE TABLE memory_passage (
    passage_id text NOT NULL,
    tenant text NOT NULL,
    scope text NOT NULL,
    document_id text NOT NULL,
    ordinal integer NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    source text NOT NULL,
    trust text NOT NULL,
    secrecy text NOT NULL,
    digest text NOT NULL,
    embedder text NOT NULL,
    embedding vector(512) NOT NULL,
    search tsvector GENERATED ALWAYS AS (${searchExpression}) STORED,
    CONSTRAINT memory_passage_key PRIMARY KEY (passage_id),
    CONSTRAINT memory_passage_place UNIQUE (tenant, scope, document_id, ordinal),
    CONSTRAINT memory_passage_trust_known CHECK ("trust" IN ('user', 'endorsed', 'organisation', 'third-party', 'model')),
    CONSTRAINT memory_passage_secrecy_known CHECK ("secrecy" IN ('public', 'internal', 'secret')),
    CONSTRAINT memory_passage_of_document FOREIGN KEY (tenant, scope, document_id)
      REFERENCES memory_document (tenant, scope, document_id) ON DELETE CASCADE,
    CONSTRAINT memory_passage_of_embedder FOREIGN KEY (embedder) REFERENCES memory_embedder (name)
  )`,
  // A vector of 512 is just above the size at which Postgres moves values out of the row; in the row it is read at once.
  'ALTER TABLE memory_passage ALTER COLUMN embedding SET STORAGE PLAIN',
  'CREATE INDEX memory_passage_embedding_cosine ON memory_passage USING hnsw (embedding vector_cosine_ops)',
  'CREATE INDEX memory_passage_search_words ON memory_passage USING gin (search)',
  'CREATE INDEX memory_passage_embedder ON memory_passage (embedder)',
];
