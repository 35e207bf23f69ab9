import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a projection has read a partition of the log: everything up to this sequence is in its tables. */
@Entity('memory_projection_position')
export class PositionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_projection_position_key' })
  projection!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'memory_projection_position_key' })
  partition!: number;

  @Column('bigint')
  sequence!: string;
}
