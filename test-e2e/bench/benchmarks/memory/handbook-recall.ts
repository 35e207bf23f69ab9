import { DocumentStore, PassageSearch, handbook, recallOf, type Recall, type SentenceEncoder, type openDatabase } from '@holdfast/memory/logic';

const place = { tenant: 'bench', scope: 'handbook' };

/** Ingests the handbook and asks all its questions, and by themselves those that use other words than the answer. */
export async function handbookRecall(dataSource: Awaited<ReturnType<typeof openDatabase>>, embedder: SentenceEncoder): Promise<{ readonly all: Recall; readonly paraphrased: Recall }> {
  const documents = new DocumentStore(dataSource);
  const embeddings = await embedder.embed(handbook.map(({ title, text }) => `${title}\n${text}`));
  for (const [index, { id, title, text }] of handbook.entries()) {
    const embedding = embeddings[index];
    if (embedding === undefined) throw new Error('there is no vector');
    const document = { documentId: id, title, text, source: `urn:example:handbook:${id}`, author: 'bench', writtenAt: 0, trust: 'organisation', secrecy: 'internal' } as const;
    await documents.replace({ place: { ...place, documentId: id }, document, digest: String(index).padStart(64, '0'), chunks: [{ text, embedding }], embedder: embedder.name });
  }
  const means = { search: new PassageSearch(dataSource), embedder, tenant: place.tenant, scopes: [place.scope] };
  const paraphrased = handbook.flatMap((entry) => entry.paraphrased.map((query) => ({ query, documentId: entry.id })));
  const named = handbook.flatMap((entry) => entry.named.map((query) => ({ query, documentId: entry.id })));
  return { all: await recallOf([...paraphrased, ...named], means), paraphrased: await recallOf(paraphrased, means) };
}
