interface Budget {
  readonly used: { readonly calls: number; readonly amount: number; readonly tokens: number; readonly costMicros: number };
  readonly maxCalls?: number | undefined;
  readonly maxAmount?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly maxCostMicros?: number | undefined;
}

/** What is used of each limit that a budget has; money of models in units of which a million is one. */
export function usesOf({ used, maxCalls, maxAmount, maxTokens, maxCostMicros }: Budget): readonly { readonly name: string; readonly used: number; readonly most: number }[] {
  const limits = [['calls', used.calls, maxCalls], ['amount', used.amount, maxAmount], ['tokens', used.tokens, maxTokens], ['cost of models (millionths)', used.costMicros, maxCostMicros]] as const;
  return limits.flatMap(([name, of, most]) => (most === undefined ? [] : [{ name, used: of, most }]));
}
