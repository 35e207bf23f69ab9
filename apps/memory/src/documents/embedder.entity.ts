import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/**
 * The one model whose vectors are stored. `singleton` is always true and unique, so a second row is impossible, and
 * every passage refers to the row: the database itself refuses to mix the vectors of two models.
 */
@Entity('memory_embedder')
@Check('memory_embedder_only_one', `"singleton"`)
@Unique('memory_embedder_singleton', ['singleton'])
export class EmbedderEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_embedder_key' })
  name!: string;

  /** Length of its vectors, to which the column of the passages is fitted. */
  @Column('integer')
  dimensions!: number;

  @Column('boolean', { default: true })
  singleton!: boolean;
}
