export { BudgetAccount } from './account.js';
export { BudgetBook, type Taking } from './budget-book.js';
export { BusBudgetStore, decodeEntry } from './bus-budget-store.js';
export { MemoryBudgetStore } from './memory-budget-store.js';
export type { AppendedEntry, BudgetStore, StoredEntry } from './store.js';
