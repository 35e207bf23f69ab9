/** A version that gets new tasks, and the types that it takes. */
export interface RoutedVersion {
  readonly agent: string;
  readonly digest: string;
  /** Of the agent's new tasks. */
  readonly percent: number;
  readonly taskTypes: readonly string[];
}

/** Who takes tasks of a type. */
export interface Taker {
  readonly type: string;
  readonly versions: readonly RoutedVersion[];
}

/** Every type of task that a routed version takes, by name, each with the versions among which the route chooses. */
export function takersOf(versions: readonly RoutedVersion[]): readonly Taker[] {
  const routed = versions.filter(({ percent }) => percent > 0);
  const types = [...new Set(routed.flatMap(({ taskTypes }) => taskTypes))].sort();
  return types.map((type) => ({ type, versions: routed.filter(({ taskTypes }) => taskTypes.includes(type)) }));
}
