const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const EXIT_OF: Readonly<Record<(typeof SIGNALS)[number], number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Listens for whoever wants us to stop. Who asks twice does not want to wait: we end at once, and what we started ends with us. */
export function onInterruption(told: () => void): { readonly signal: AbortSignal; readonly whenAsked: Promise<void>; forget(): void } {
  const asked = new AbortController();
  const whenAsked = new Promise<void>((resolve) => asked.signal.addEventListener('abort', () => resolve(), { once: true }));
  const listen = (signal: (typeof SIGNALS)[number]): void => {
    if (asked.signal.aborted) process.exit(EXIT_OF[signal]);
    told();
    asked.abort();
  };
  for (const signal of SIGNALS) process.on(signal, listen);
  return { signal: asked.signal, whenAsked, forget: () => SIGNALS.forEach((signal) => process.off(signal, listen)) };
}
