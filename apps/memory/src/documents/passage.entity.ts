import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { Described } from './described.js';
import { DocumentEntity } from './document.entity.js';
import { EmbedderEntity } from './embedder.entity.js';

/** The words of a passage and, weighing more, of its title; the regconfig is named so that it is immutable. */
export const searchExpression = `setweight(to_tsvector('english'::regconfig, title), 'A') || setweight(to_tsvector('english'::regconfig, text), 'B')`;

/** A passage with its vector. Title and labels are not null here too, so that no query can answer without them. */
@Entity('memory_passage')
@Unique('memory_passage_place', ['tenant', 'scope', 'documentId', 'ordinal'])
@Index('memory_passage_embedding_cosine', { synchronize: false })
@Index('memory_passage_search_words', { synchronize: false })
@Index('memory_passage_embedder', ['embedder'])
@Check('memory_passage_trust_known', `"trust" IN ('user', 'endorsed', 'organisation', 'third-party', 'model')`)
@Check('memory_passage_secrecy_known', `"secrecy" IN ('public', 'internal', 'secret')`)
export class PassageEntity extends Described {
  @PrimaryColumn('text', { name: 'passage_id', primaryKeyConstraintName: 'memory_passage_key' })
  passageId!: string;

  @Column('text')
  tenant!: string;

  @Column('text')
  scope!: string;

  @Column('text', { name: 'document_id' })
  documentId!: string;

  @ManyToOne(() => DocumentEntity, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'tenant', referencedColumnName: 'tenant', foreignKeyConstraintName: 'memory_passage_of_document' },
    { name: 'scope', referencedColumnName: 'scope', foreignKeyConstraintName: 'memory_passage_of_document' },
    { name: 'document_id', referencedColumnName: 'documentId', foreignKeyConstraintName: 'memory_passage_of_document' },
  ])
  document?: DocumentEntity;

  /** Reading order within the document, from 0. */
  @Column('integer')
  ordinal!: number;

  @Column('text')
  text!: string;

  /** The digest of the whole document. */
  @Column('text')
  digest!: string;

  @Column('text')
  embedder!: string;

  @ManyToOne(() => EmbedderEntity)
  @JoinColumn({ name: 'embedder', referencedColumnName: 'name', foreignKeyConstraintName: 'memory_passage_of_embedder' })
  model?: EmbedderEntity;

  @Column('vector', { length: 512, select: false })
  embedding!: number[];

  @Column({ type: 'tsvector', generatedType: 'STORED', asExpression: searchExpression, select: false, insert: false, update: false, nullable: true })
  search?: string;
}
