import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { Described } from './described.js';

/**
 * A document as it was ingested, kept after another version has taken its place: "what did it read" is answered by digest, long
 * after the passages are gone. It goes only when its document is forgotten.
 */
@Entity('memory_version')
@Index('memory_version_digest', ['tenant', 'digest'])
@Index('memory_version_source', ['tenant', 'source'])
@Index('memory_version_run', ['tenant', 'runId'])
@Check('memory_version_trust_known', `"trust" IN ('user', 'endorsed', 'organisation', 'third-party', 'model')`)
@Check('memory_version_secrecy_known', `"secrecy" IN ('public', 'internal', 'secret')`)
export class VersionEntity extends Described {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_version_key' })
  tenant!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_version_key' })
  scope!: string;

  @PrimaryColumn('text', { name: 'document_id', primaryKeyConstraintName: 'memory_version_key' })
  documentId!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_version_key' })
  digest!: string;

  @Column('text')
  text!: string;

  @Column('jsonb')
  metadata!: Readonly<Record<string, string | number | boolean>>;

  /** The run that wrote it, and the number of the commit up to which that run had read. Null for what people ingested. */
  @Column('text', { name: 'run_id', nullable: true })
  runId!: string | null;

  @Column('integer', { name: 'run_commit', nullable: true })
  runCommit!: number | null;

  @Column('timestamptz', { name: 'ingested_at', default: () => 'now()' })
  ingestedAt!: Date;
}
