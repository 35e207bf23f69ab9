/** How runs stand that have not ended. */
export const OPEN_STATUSES = ['running', 'waiting', 'paused', 'stopping'] as const;

/** How runs stand, as the list of runs tells; a spec compares it with the API. */
export const RUN_STATUSES = [...OPEN_STATUSES, 'completed', 'failed', 'cancelled', 'erased', 'unreadable'] as const;
