import type { ToolOutcome } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import type { ToolRegistry } from '@holdfast/tool-registry';
import type { Tool } from '@holdfast/tool-sdk';

const MOST_FAULTS = 20;
const LONGEST_FAULT = 1_000;

/**
 * Counts results in a row that violate a tool's contract, each by its own attempt: a result that others are given again is
 * the same one. After as many as the contract's `quarantineAfter`, the tool is quarantined for everybody. Each worker counts
 * for itself, so with W workers a tool may answer wrongly up to W times as often before.
 */
export class ResultFaults {
  private readonly rows = new Map<string, Map<string, string>>();

  constructor(private readonly registry: Pick<ToolRegistry, 'reportFaults'>, private readonly source: string, private readonly logger: Pick<Logger, 'error' | 'warn'>) {}

  /** Never throws: a quarantine that cannot be recorded now is recorded after the next fault. */
  async note({ name, contract }: Pick<Tool, 'name' | 'contract'>, outcome: ToolOutcome): Promise<void> {
    const { quarantineAfter } = contract;
    if (quarantineAfter === undefined) return;
    if (outcome.status === 'succeeded' && !outcome.replayed) this.rows.delete(name);
    const last = outcome.attempts.at(-1);
    if (outcome.status !== 'failed' || outcome.failure.code !== 'tool.output-invalid' || last === undefined) return;
    const row = this.rows.get(name) ?? new Map<string, string>();
    this.rows.set(name, row.set(`${last.at}/${last.durationMs}`, outcome.failure.message.slice(0, LONGEST_FAULT)));
    if (row.size < quarantineAfter) return;
    try {
      await this.registry.reportFaults(name, [...new Set(row.values())].slice(-MOST_FAULTS), this.source);
      this.rows.delete(name);
      this.logger.warn({ tool: name, results: row.size }, 'a tool is quarantined, because its results violate its contract');
    } catch (error) {
      this.logger.error({ err: error, tool: name }, 'the quarantine of a tool could not be recorded');
    }
  }
}
