import type { Logger } from '@holdfast/observability';
import type { ToolRegistry } from '@holdfast/tool-registry';
import type { ContractSource } from '@holdfast/tool-sdk';

export interface ContractWatchSettings {
  readonly sources: readonly ContractSource[];
  readonly registry: Pick<ToolRegistry, 'observe'>;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Between two looks at the same server, in milliseconds. */
  readonly intervalMs: number;
  /** How long the start waits for the first look, in milliseconds; a server that takes longer is compared when it answers. */
  readonly firstMs?: number;
}

const FIRST_MS = 5_000;

/**
 * Brings what servers say of their tools to the registry: at the start, when a server says that it changed, and at
 * intervals. A server that does not answer has not changed; a tool that it does not list any more is gone.
 */
export class ContractWatch {
  private readonly stops: (() => void)[] = [];
  private stopped = false;

  private constructor(private readonly settings: ContractWatchSettings) {}

  /** Resolves after the first look at every server, or when that takes too long. */
  static async start(settings: ContractWatchSettings): Promise<ContractWatch> {
    const watch = new ContractWatch(settings);
    const first = Promise.all(settings.sources.map((source) => watch.follow(source)));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([first, new Promise((resolve) => { timer = setTimeout(resolve, settings.firstMs ?? FIRST_MS); })]);
    clearTimeout(timer);
    return watch;
  }

  stop(): void {
    this.stopped = true;
    for (const stop of this.stops.splice(0)) stop();
  }

  private follow(source: ContractSource): Promise<void> {
    let looking: Promise<void> | undefined;
    let again = false;
    // A notice that comes during a look may tell of what that look did not see.
    const look = (): Promise<void> => {
      again = looking !== undefined;
      looking ??= (async () => {
        do {
          again = false;
          await this.look(source);
        } while (again && !this.stopped);
        looking = undefined;
      })();
      return looking;
    };
    const unfollow = source.onChange?.(() => void look());
    if (unfollow !== undefined) this.stops.push(unfollow);
    const timer = setInterval(() => void look(), this.settings.intervalMs).unref();
    this.stops.push(() => clearInterval(timer));
    return look();
  }

  private async look(source: ContractSource): Promise<void> {
    const { registry, logger } = this.settings;
    try {
      const described = new Map((await source.describe()).map((contract) => [contract.name, contract]));
      for (const tool of source.tools) {
        if (this.stopped) return;
        await registry.observe(tool, { contract: described.get(tool), source: source.name });
      }
    } catch (error) {
      if (!this.stopped) logger.warn({ err: error, server: source.name }, 'the contracts of a server were not compared; they count as they did');
    }
  }
}
