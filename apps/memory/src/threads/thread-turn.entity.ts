import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Secrecy, Trust } from '@holdfast/contracts';

/** One run of a thread. Everything here follows from the log, and is made again from it. */
@Entity('memory_thread_turn')
@Index('memory_thread_turn_thread', ['tenant', 'thread', 'askedAt', 'runId'])
@Check('memory_thread_turn_status_known', `"status" IN ('running', 'completed', 'failed', 'cancelled')`)
export class ThreadTurnEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_thread_turn_key' })
  tenant!: string;

  @PrimaryColumn('text', { name: 'run_id', primaryKeyConstraintName: 'memory_thread_turn_key' })
  runId!: string;

  @Column('text')
  thread!: string;

  @Column('text')
  requester!: string;

  @Column('text')
  goal!: string;

  @Column('text', { name: 'goal_trust' })
  goalTrust!: Trust;

  @Column('text', { name: 'goal_secrecy' })
  goalSecrecy!: Secrecy;

  @Column('timestamptz', { name: 'asked_at' })
  askedAt!: Date;

  @Column('text')
  status!: 'running' | 'completed' | 'failed' | 'cancelled';

  @Column('text', { nullable: true })
  answer!: string | null;

  @Column('text', { name: 'answer_trust', nullable: true })
  answerTrust!: Trust | null;

  @Column('text', { name: 'answer_secrecy', nullable: true })
  answerSecrecy!: Secrecy | null;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt!: Date | null;

  /** Its texts were erased: goal and answer are gone. */
  @Column('boolean', { default: false })
  erased!: boolean;
}
