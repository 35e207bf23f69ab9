export { MemoryModule, type MemoryModuleOptions } from './memory.module.js';
export { MemoryService, type MemoryReadiness } from './memory.service.js';
export { type Embedder, type EmbedderState } from './embedding/embedder.js';
export { SentenceEncoder } from './embedding/sentence-encoder.js';
export { seedFolder, type SeedTarget } from './seed/seed-folder.js';
