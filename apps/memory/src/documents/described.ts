import { Column } from 'typeorm';
import type { Secrecy, Trust } from '@holdfast/contracts';

/** What is known of a text wherever it stands: where it is from, and what it is worth. No row is without it, so that no query can answer without it. */
export abstract class Described {
  @Column('text')
  title!: string;

  @Column('text')
  source!: string;

  @Column('text')
  author!: string;

  @Column('timestamptz', { name: 'written_at' })
  writtenAt!: Date;

  @Column('text')
  trust!: Trust;

  @Column('text')
  secrecy!: Secrecy;
}
