export { BudgetAccount } from './account.js';
export { BudgetBook, type Taking } from './budget-book.js';
export { BusBudgetStore, decodeEntries } from './bus-budget-store.js';
export { MemoryBudgetStore } from './memory-budget-store.js';
export type { AppendedEntries, BudgetStore, StoredEntries } from './store.js';
