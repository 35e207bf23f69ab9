/** Injection tokens: the container holds what these name, whatever class implements it. */
export const DOCUMENT_STORE = Symbol('holdfast.memory.document-store');
export const PASSAGE_SEARCH = Symbol('holdfast.memory.passage-search');
export const EMBEDDER = Symbol('holdfast.memory.embedder');
/** The time in milliseconds since the epoch. */
export const CLOCK = Symbol('holdfast.memory.clock');
/** Where the log is read. */
export const LOG = Symbol('holdfast.memory.log');
export const REVOCATIONS = Symbol('holdfast.memory.revocations');
/** The projection of who read what. */
export const READINGS = Symbol('holdfast.memory.readings');

/** The database connection's name: another module in the same process can have another database. */
export const CONNECTION = 'holdfast-memory';
