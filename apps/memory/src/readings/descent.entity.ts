import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * That a run holds, from one of its commits on, what another had read up to one of its own: a fork what its origin had, a started run
 * what its parent had, and a parent what a run that it started had when it answered.
 */
@Entity('memory_descent')
@Index('memory_descent_from', ['tenant', 'fromRunId'])
export class DescentEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_descent_key' })
  tenant!: string;

  @PrimaryColumn('text', { name: 'run_id', primaryKeyConstraintName: 'memory_descent_key' })
  runId!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'memory_descent_key' })
  commit!: number;

  @PrimaryColumn('text', { name: 'from_run_id', primaryKeyConstraintName: 'memory_descent_key' })
  fromRunId!: string;

  /** The last commit of the other run that counts; null where all of them do. */
  @Column('integer', { name: 'from_commit', nullable: true })
  fromCommit!: number | null;
}
