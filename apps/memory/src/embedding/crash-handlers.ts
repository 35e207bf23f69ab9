type Listener = (...values: unknown[]) => void;

/** The phrases by which the handlers that Emscripten's Node glue installs are known. */
const emscripten = /instanceof ExitStatus|throw reason/;
const events = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Runs `work` and afterwards removes the process-wide crash handlers that Emscripten's Node glue installed in it.
 *
 * They only throw what they are given, which ends the process with a misleading trace and code 7 and, worse, turns off
 * Node's own reporting; how a service dies is for the service to decide. Handlers of anybody else are left alone.
 */
export async function withoutAddedCrashHandlers<T>(work: () => Promise<T>): Promise<T> {
  const before = new Set(events.flatMap((event) => listenersOf(event)));
  try {
    return await work();
  } finally {
    for (const event of events) {
      for (const listener of listenersOf(event)) {
        if (!before.has(listener) && emscripten.test(String(listener))) process.off(event, listener);
      }
    }
  }
}

function listenersOf(event: (typeof events)[number]): Listener[] {
  return process.listeners(event as 'uncaughtException') as unknown as Listener[];
}
