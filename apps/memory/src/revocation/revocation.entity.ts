import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** What must not be found any more, nor ingested again: everything of a source, or one document by its digest. */
@Entity('memory_revocation')
@Check('memory_revocation_kind_known', `"kind" IN ('source', 'digest')`)
export class RevocationEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_revocation_key' })
  tenant!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_revocation_key' })
  kind!: 'source' | 'digest';

  @PrimaryColumn('text', { primaryKeyConstraintName: 'memory_revocation_key' })
  value!: string;

  @Column('text')
  by!: string;

  @Column('text')
  reason!: string;

  @Column('timestamptz', { name: 'revoked_at', default: () => 'now()' })
  revokedAt!: Date;
}
