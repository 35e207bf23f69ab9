import type { MemoryDocument } from '@holdfast/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { passageIdentity } from './document-digest.js';
import { DocumentEntity } from './document.entity.js';
import { assertNeverRevoked, assertNotRevoked, lockRevocations, sourceRevoked, spreadRevocations } from '../revocation/revocations.js';
import { PassageEntity } from './passage.entity.js';
import { assertNotErased } from '../forgetting/erased-runs.js';
import { VersionSubjectEntity } from '../forgetting/forgetting.entities.js';
import { assertEmbedder, pinEmbedder } from './pinned-embedder.js';
import { throughReconnects } from './reconnects.js';
import { VersionEntity } from './version.entity.js';

/** Where a document belongs. */
export interface DocumentPlace {
  readonly tenant: string;
  readonly scope: string;
  readonly documentId: string;
}

/** What is stored of a document that has been ingested. */
export interface StoredDocument {
  readonly digest: string;
  readonly chunks: number;
}

/** A piece of text with its vector, in reading order. */
export interface EmbeddedChunk {
  readonly text: string;
  readonly embedding: Float32Array;
}

/** A document that is ready to be written: labelled, digested, cut and embedded. */
export interface PreparedDocument {
  readonly place: DocumentPlace;
  readonly document: MemoryDocument & Required<Pick<MemoryDocument, 'author' | 'writtenAt'>>;
  /** Of what a run wrote: which one, and the commit up to which it had read. Where the first stays, whatever is at the place already says the same. */
  readonly writtenBy?: { readonly runId: string; readonly commit: number; readonly firstStays?: true };
  readonly digest: string;
  readonly chunks: readonly EmbeddedChunk[];
  /** The name of the model that made the vectors. */
  readonly embedder: string;
}

/** Documents and passages in Postgres. Every method outlives a lost connection; see `throughReconnects`. */
export class DocumentStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * What is stored at a place, or undefined. Throws `HoldfastError` `memory.embedder-changed` when another model's
   * vectors are stored, so that even an unchanged document makes the change of model known.
   */
  async find(place: DocumentPlace, embedder: string): Promise<StoredDocument | undefined> {
    return throughReconnects(async () => {
      await assertEmbedder(this.dataSource.manager, embedder);
      return findIn(this.dataSource.manager, place);
    });
  }

  /**
   * Replaces the document and all its passages in one transaction, unless the same digest is there already. Of two
   * calls at once for one place the second waits, so the passages are always those of exactly one of them. What a run wrote after it had
   * read something revoked is kept as a version, revoked itself, and refused.
   * Throws `HoldfastError` `memory.embedder-changed` when another model's vectors are stored, `memory.source-revoked` and `memory.subject-erased`.
   */
  async replace(prepared: PreparedDocument): Promise<StoredDocument & { readonly unchanged: boolean }> {
    const stored = await throughReconnects(() =>
      this.dataSource.transaction(async (manager) => {
        await lockRevocations(manager, prepared.place.tenant, prepared.writtenBy === undefined ? 'beside-others' : 'alone');
        await lockPlace(manager, prepared.place);
        await assertNotRevoked(manager, prepared.place.tenant, { digest: prepared.digest, source: prepared.document.source });
        if (prepared.writtenBy !== undefined) await assertNotErased(manager, prepared.place.tenant, prepared.writtenBy.runId);
        await pinEmbedder(manager, prepared.embedder, prepared.chunks[0]?.embedding.length ?? 0);
        const present = await findIn(manager, prepared.place);
        if (present !== undefined && (present.digest === prepared.digest || prepared.writtenBy?.firstStays === true)) return { ...present, unchanged: true };
        if (prepared.writtenBy?.firstStays === true) await assertNeverRevoked(manager, prepared.place);
        await manager.delete(DocumentEntity, prepared.place);
        await manager.insert(DocumentEntity, documentRow(prepared));
        await manager.insert(PassageEntity, passageRows(prepared));
        // A version that was there before, and was replaced, is the same one again.
        await manager.createQueryBuilder().insert().into(VersionEntity).values(versionRow(prepared)).orIgnore().execute();
        const { place: { tenant }, digest, document: { dataSubjects = [] } } = prepared;
        if (dataSubjects.length > 0) await manager.createQueryBuilder().insert().into(VersionSubjectEntity).values(dataSubjects.map((dataSubject) => ({ tenant, digest, dataSubject }))).orIgnore().execute();
        // A run may have read, before it wrote this, what was revoked since.
        if (prepared.writtenBy !== undefined) {
          await spreadRevocations(manager, prepared.place.tenant);
          if ((await findIn(manager, prepared.place)) === undefined) return undefined;
        }
        return { digest: prepared.digest, chunks: prepared.chunks.length, unchanged: false };
      }),
    );
    if (stored === undefined) throw sourceRevoked('the run that wrote it had read what was revoked.');
    return stored;
  }

  /** Removes the named documents, or all of the scope, with their passages and versions; returns how many documents were there. */
  async remove(tenant: string, scope: string, documents: 'all' | readonly string[]): Promise<number> {
    return throughReconnects(() =>
      this.dataSource.transaction(async (manager) => {
        const remove = async (entity: typeof DocumentEntity | typeof VersionEntity): Promise<number> => {
          const removal = manager.createQueryBuilder().delete().from(entity).where('tenant = :tenant AND scope = :scope', { tenant, scope });
          if (documents !== 'all') removal.andWhere('document_id IN (:...documents)', { documents });
          return (await removal.execute()).affected ?? 0;
        };
        await remove(VersionEntity);
        return remove(DocumentEntity);
      }),
    );
  }

  /** One round trip to the database; false instead of an error. */
  async isReachable(): Promise<boolean> {
    try {
      await this.dataSource.query('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }
}

async function findIn(manager: EntityManager, place: DocumentPlace): Promise<StoredDocument | undefined> {
  const row = await manager.findOneBy(DocumentEntity, { ...place });
  return row === null ? undefined : { digest: row.digest, chunks: row.chunks };
}

/** Held to the end of the transaction. Two places with the same hash only wait for each other, which does no harm. */
async function lockPlace(manager: EntityManager, place: DocumentPlace): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${place.tenant}\n${place.scope}\n${place.documentId}`]);
}

function documentRow(prepared: PreparedDocument) {
  const { place, document: { metadata = {} }, digest, chunks } = prepared;
  return { ...place, digest, ...labelsOf(prepared), metadata, chunks: chunks.length };
}

function versionRow(prepared: PreparedDocument) {
  const { place, document: { metadata = {}, text }, digest, writtenBy } = prepared;
  return { ...place, digest, ...labelsOf(prepared), metadata, text, runId: writtenBy?.runId ?? null, runCommit: writtenBy?.commit ?? null };
}

/** What is repeated on the document, its versions and each of its passages. */
function labelsOf({ document: { title, source, author, writtenAt, trust, secrecy } }: PreparedDocument) {
  return { title, source, author, writtenAt: new Date(writtenAt), trust, secrecy };
}

function passageRows(prepared: PreparedDocument) {
  const { place, digest, chunks, embedder } = prepared;
  return chunks.map(({ text, embedding }, ordinal) => ({
    ...place,
    passageId: passageIdentity({ ...place, digest, ordinal }),
    ordinal,
    text,
    ...labelsOf(prepared),
    digest,
    embedder,
    embedding: [...embedding],
  }));
}
