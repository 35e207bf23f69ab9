import { HoldfastError, type RunEventOf, type ToolContract } from '@holdfast/contracts';
import { toolFromContract, type Tool } from '@holdfast/tool-sdk';

/** A tool whose contract is not the one that people accepted. `sequence` is the registry's, of the observation that says so. */
export interface Quarantine {
  readonly sequence: number;
  /** What was removed, narrowed or retyped, for people. */
  readonly reason: string;
}

/** What the registry of contracts says of tools. */
export interface ToolStandings {
  /** Why calls of a tool may not be sent now. */
  quarantineOf(tool: string): Quarantine | undefined;
  /** The contract that counts; undefined for a tool that the registry does not know. */
  contractOf(tool: string): ToolContract | undefined;
  /** Reads how a tool stands now. Throws a retryable HoldfastError when it cannot tell. */
  refresh(tool: string): Promise<void>;
}

/**
 * Deliveries of a call for which another contract than this worker's is taken for news that it has not heard yet, which
 * takes a replica of the registry milliseconds. Afterwards it is taken for a catalogue of another release.
 */
const PATIENT_DELIVERIES = 5;

/** The tools of a worker, each under the contract that counts now: its own, or the one that a person accepted in its place. */
export class PresentTools {
  private readonly own: ReadonlyMap<string, Tool>;
  private readonly accepted = new Map<string, Tool>();

  /** Throws `tool.definition-invalid` when two tools have the same name. */
  constructor(tools: readonly Tool[], private readonly standings?: ToolStandings) {
    this.own = new Map(tools.map((tool) => [tool.name, tool]));
    if (this.own.size !== tools.length) throw new HoldfastError({ code: 'tool.definition-invalid', message: 'Two tools of this worker have the same name.', retryable: false, remedy: 'Rename one of them.' });
  }

  /** Why a tool may not be called, looked up afresh before anybody is told so. Throws what looking throws. */
  async quarantineOf(name: string): Promise<Quarantine | undefined> {
    if (this.standings?.quarantineOf(name) === undefined) return undefined;
    await this.standings.refresh(name);
    return this.standings.quarantineOf(name);
  }

  find(name: string): Tool | undefined {
    const own = this.own.get(name);
    const contract = this.standings?.contractOf(name);
    if (own === undefined || contract === undefined || contract.digest === own.contract.digest) return own;
    const known = this.accepted.get(name);
    if (known?.contract.digest === contract.digest) return known;
    const made = toolFromContract(contract, own);
    this.accepted.set(name, made);
    return made;
  }

  /** The tool for a call that was decided on some contract. Throws `tool.contract-behind` (retryable) when this worker may be late. */
  async under({ tool: name, contractDigest }: Pick<RunEventOf<'tool-called'>, 'tool' | 'contractDigest'>, deliveries: number): Promise<Tool | undefined> {
    const tool = this.find(name);
    if (tool === undefined || tool.contract.digest === contractDigest || this.standings === undefined) return tool;
    await this.standings.refresh(name);
    const present = this.find(name);
    if (present?.contract.digest === contractDigest || deliveries > PATIENT_DELIVERIES) return present;
    throw new HoldfastError({ code: 'tool.contract-behind', message: `${name} was decided on with contract ${contractDigest.slice(0, 12)}, of which this worker has not heard.`, retryable: true, remedy: 'The call is tried again. If it lasts, bring catalogue and tool workers to the same release.' });
  }
}
