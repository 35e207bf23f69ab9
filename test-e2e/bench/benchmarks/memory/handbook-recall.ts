import { DocumentStore, PassageSearch, handbook, recallOf, type Recall, type SentenceEncoder, type openDatabase } from '@holdfast/memory/logic';

const place = { tenant: 'bench', scope: 'handbook' };

/** Ingests the handbook and asks all its questions. */
export async function handbookRecall(dataSource: Awaited<ReturnType<typeof openDatabase>>, embedder: SentenceEncoder): Promise<Recall> {
  const documents = new DocumentStore(dataSource);
  const embeddings = await embedder.embed(handbook.map(({ title, text }) => `${title}\n${text}`));
  for (const [index, { id, title, text }] of handbook.entries()) {
    const embedding = embeddings[index];
    if (embedding === undefined) throw new Error('there is no vector');
    const document = { documentId: id, title, text, source: `urn:example:handbook:${id}`, author: 'bench', writtenAt: 0, trust: 'organisation', secrecy: 'internal' } as const;
    await documents.replace({ place: { ...place, documentId: id }, document, digest: String(index).padStart(64, '0'), chunks: [{ text, embedding }], embedder: embedder.name });
  }
  const questions = handbook.flatMap(({ id, paraphrased, named }) => [...paraphrased, ...named].map((query) => ({ query, documentId: id })));
  return recallOf(questions, { search: new PassageSearch(dataSource), embedder, tenant: place.tenant, scopes: [place.scope] });
}
