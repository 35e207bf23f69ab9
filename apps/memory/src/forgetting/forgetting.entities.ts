import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The order to erase a data subject, as far as it came before `at`. */
@Entity('memory_erasure')
export class ErasureEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_erasure_key' })
  tenant!: string;

  @PrimaryColumn('text', { name: 'data_subject', primaryKeyConstraintName: 'memory_erasure_key' })
  dataSubject!: string;

  @Column('timestamptz')
  at!: Date;

  /** Documents and versions that have gone by it so far. */
  @Column('integer', { default: 0 })
  documents!: number;
}

/** Whose personal data the task of a run is about, as the log says. */
@Entity('memory_run_subject')
@Index('memory_run_subject_subject', ['tenant', 'dataSubject'])
export class RunSubjectEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_run_subject_key' })
  tenant!: string;

  @PrimaryColumn('text', { name: 'run_id', primaryKeyConstraintName: 'memory_run_subject_key' })
  runId!: string;

  @Column('text', { name: 'data_subject' })
  dataSubject!: string;

  @Column('timestamptz', { name: 'begun_at' })
  begunAt!: Date;
}

/** Whose personal data is in a document, by its digest: also in versions that another has replaced. */
@Entity('memory_version_subject')
export class VersionSubjectEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_version_subject_key' })
  tenant!: string;

  @PrimaryColumn('text', { name: 'data_subject', primaryKeyConstraintName: 'memory_version_subject_key' })
  dataSubject!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_version_subject_key' })
  digest!: string;
}

/** A run whose texts are not kept: it was about somebody who was erased before `at`, or may repeat what such a run knew. */
@Entity('memory_erased_run')
export class ErasedRunEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_erased_run_key' })
  tenant!: string;

  @PrimaryColumn('text', { name: 'run_id', primaryKeyConstraintName: 'memory_erased_run_key' })
  runId!: string;

  @PrimaryColumn('text', { name: 'data_subject', primaryKeyConstraintName: 'memory_erased_run_key' })
  dataSubject!: string;

  @Column('timestamptz')
  at!: Date;
}
