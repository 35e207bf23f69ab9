import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** That a run was shown a passage: projected from the observations in the log, which keep its text. */
@Entity('memory_reading')
@Index('memory_reading_digest', ['tenant', 'digest'])
@Index('memory_reading_source', ['tenant', 'source'])
export class ReadingEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_reading_key' })
  tenant!: string;

  @PrimaryColumn('text', { name: 'run_id', primaryKeyConstraintName: 'memory_reading_key' })
  runId!: string;

  @PrimaryColumn('text', { name: 'call_id', primaryKeyConstraintName: 'memory_reading_key' })
  callId!: string;

  @PrimaryColumn('text', { name: 'passage_id', primaryKeyConstraintName: 'memory_reading_key' })
  passageId!: string;

  /** The commit that recorded it. */
  @Column('integer')
  commit!: number;

  @Column('text')
  digest!: string;

  @Column('text')
  source!: string;

  @Column('timestamptz')
  at!: Date;
}
