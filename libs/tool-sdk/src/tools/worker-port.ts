/** A request to a worker in another language, and how its answer came or failed to. */
export type WorkerAnswer =
  | { readonly status: 'answered'; readonly body: unknown }
  /** Nobody listens: the request was certainly not taken. */
  | { readonly status: 'nobody' }
  /** It may have been taken. */
  | { readonly status: 'unanswered'; readonly reason: string };

/** How tools reach workers in other languages; see docs/reference/worker.asyncapi.yaml. */
export interface WorkerPort {
  ask(subject: string, question: unknown, options: { readonly timeoutMs: number; readonly headers: Readonly<Record<string, string>> }): Promise<WorkerAnswer>;
  /** Calls back when a worker says that its tools changed. Returns how to stop. */
  onChange(subject: string, listener: () => void): () => void;
}

/** For places without a bus: nobody is there. */
export const noWorkers: WorkerPort = { ask: () => Promise.resolve({ status: 'nobody' }), onChange: () => () => undefined };
