/** Retrieval without Nest, for whoever measures it. */
export { databaseOptions, openDatabase } from './documents/database.js';
export { DocumentStore } from './documents/document-store.js';
export { SentenceEncoder } from './embedding/sentence-encoder.js';
export { handbook, type KnownAnswer } from './quality/handbook.js';
export { recallOf, type Question, type Recall, type RecallMeans } from './quality/recall.js';
export { PassageSearch, type EmbeddedQuery } from './search/passage-search.js';
