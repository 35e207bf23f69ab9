import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { Described } from './described.js';

/** The row of a document. Its labels are repeated on every passage; see `PassageEntity`. */
@Entity('memory_document')
@Check('memory_document_trust_known', `"trust" IN ('user', 'endorsed', 'organisation', 'third-party', 'model')`)
@Check('memory_document_secrecy_known', `"secrecy" IN ('public', 'internal', 'secret')`)
export class DocumentEntity extends Described {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_document_key' })
  tenant!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_document_key' })
  scope!: string;

  @PrimaryColumn('text', { name: 'document_id', primaryKeyConstraintName: 'memory_document_key' })
  documentId!: string;

  @Column('text')
  digest!: string;

  @Column('jsonb')
  metadata!: Readonly<Record<string, string | number | boolean>>;

  /** How many passages the document was cut into. */
  @Column('integer')
  chunks!: number;

  @Column('timestamptz', { name: 'ingested_at', default: () => 'now()' })
  ingestedAt!: Date;
}
