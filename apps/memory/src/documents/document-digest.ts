import { createHash } from 'node:crypto';
import { canonicalJson, type MemoryDocument } from '@holdfast/contracts';

/** SHA-256, lower-case hexadecimal, over the canonical JSON (RFC 8785) of a document's text and every label of it. */
export function documentDigest(document: MemoryDocument): string {
  const { title, source, author = null, writtenAt = null, trust, secrecy, text, metadata = {}, dataSubjects } = document;
  return sha256({ title, source, author, writtenAt, trust, secrecy, text, metadata, ...(dataSubjects === undefined ? {} : { dataSubjects }) });
}

/** Where what runs remember is kept: the same words of the same worth are one document, whoever says them, and of another worth another one. */
export function rememberedId({ title, text, trust, secrecy }: Pick<MemoryDocument, 'title' | 'text' | 'trust' | 'secrecy'>): string {
  return `remembered/${sha256({ title, text, trust, secrecy })}`;
}

/** The identity of a passage: the same document ingested anywhere gives the same, so an order by it is the same. */
export function passageIdentity(place: { readonly tenant: string; readonly scope: string; readonly documentId: string; readonly digest: string; readonly ordinal: number }): string {
  const { tenant, scope, documentId, digest, ordinal } = place;
  return sha256({ tenant, scope, documentId, digest, ordinal });
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
