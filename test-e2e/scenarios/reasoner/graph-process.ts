import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { REPOSITORY } from '@holdfast/deploy';

/** The LangGraph example as a process of its own, and what it was asked. */
export class GraphProcess {
  /** Runs and plan commits that this process was asked about, in order. */
  readonly asked: string[] = [];
  private readonly ready: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    child.once('exit', () => ready.reject(new Error('the graph ended before it was ready')));
    if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => {
      if (line === 'ready') return ready.resolve();
      const { asked, basis } = JSON.parse(line) as { readonly asked: string; readonly basis: number };
      this.asked.push(`${asked} ${basis}`);
    });
  }

  static async start(environment: Readonly<Record<string, string>>): Promise<GraphProcess> {
    const child = spawn(process.execPath, [join(REPOSITORY, 'examples/langgraph-planner/dist/main.js')], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'], ...environment } });
    const graph = new GraphProcess(child);
    await graph.ready;
    return graph;
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await once(this.child, 'exit');
  }
}
