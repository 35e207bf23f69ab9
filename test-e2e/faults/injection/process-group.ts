/**
 * The group that a process under test gives itself, so that packet filters know it by its number. It keeps its user, and
 * with it what it may read.
 */
export function groupOf(processId: number): number {
  return 1_000_000 + processId;
}
