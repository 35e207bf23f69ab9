export { CIPHER_BYTES, decrypt, encrypt } from './cipher.js';
export { MasterKeys, newMasterKey } from './master-keys.js';
export type { DataKeyPlace, DataKeyStore, StoredKey } from './store.js';
export { DataKeys, ERASED, type HeldKey, type KeyReader } from './data-keys.js';
export { BusDataKeyStore } from './bus-data-key-store.js';
export { MemoryDataKeyStore } from './memory-data-key-store.js';
