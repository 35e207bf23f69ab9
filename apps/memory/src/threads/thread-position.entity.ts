import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a partition of the log has been projected. */
@Entity('memory_thread_position')
export class ThreadPositionEntity {
  @PrimaryColumn('integer', { name: 'log_partition', primaryKeyConstraintName: 'memory_thread_position_key' })
  partition!: number;

  /** The sequence of the last commit that was projected, and its hash; 0 and empty before the first. */
  @Column('bigint')
  sequence!: string;

  @Column('text')
  hash!: string;

  /** Goes up when the projection is begun anew, so that nobody goes on from where it was before. */
  @Column('integer')
  generation!: number;
}
