import { HoldfastError, type AdapterReport, type Commit, type PermitClaims, type RunEventOf, type RunKey, type ToolOutcome } from '@holdfast/contracts';
import type { ExpectedPermit } from '@holdfast/policy-engine';
import { ToolError, digestOf, executeCall, failureOf, type ExecutionMeans, type Tool, type ToolCall } from '@holdfast/tool-sdk';
import { PresentTools, type Quarantine, type ToolStandings } from '../contracts/present-tools.js';
import { isOfTime, type RefusedPermit } from '../permits/refused-permits.js';
import { resolveDoubt } from './resolve-doubt.js';

/** Throws a HoldfastError when the permit is not for exactly this call; a retryable one when it cannot tell now. */
export type PermitVerifier = (token: string, expected: ExpectedPermit & { readonly dispatch: number }) => Promise<PermitClaims>;

export interface CallExecutorSettings {
  /** Only calls of this adapter are executed. */
  readonly adapter: string;
  readonly tools: readonly Tool[];
  readonly verifyPermit: PermitVerifier;
  readonly means: ExecutionMeans;
  /** How the tools stand; without it none is ever quarantined, and each has the contract that it came with. */
  readonly standings?: ToolStandings;
  /** Told of every permit that is refused: before the refusal is reported, or once the log has taken it; see {@link ExecutedCall.onRecorded}. */
  readonly onRefusedPermit?: (refused: RefusedPermit) => Promise<void>;
  /** Told of every outcome before it is reported. */
  readonly onOutcome?: (tool: Tool, outcome: ToolOutcome) => Promise<void>;
}

/** What an adapter acts upon. */
type Dispatching = RunEventOf<'tool-called' | 'doubt-resolved'>;

const PERMIT_REFUSED = 'tool.permit-refused';
/** The code of what the ledger keeps of a call that was held back. */
const QUARANTINED = 'tool.quarantined';
const LONGEST_REASON = 4_000;
/**
 * Where an earlier delivery held the call back and died before it said so, and the quarantine is over: the call is parked all
 * the same, since nothing was done for it, and under the lowest number, so that it is released at once.
 */
const SOME_QUARANTINE = 1;

/** How a commit arrived. */
export interface Delivery {
  /** From 1; more means that an earlier worker fell silent or gave the call back. */
  readonly deliveries: number;
  readonly traceHeaders: Readonly<Record<string, string>>;
  /** Aborted when the worker stops. */
  readonly signal?: AbortSignal;
}

/** A call's end: what the orchestrator of that run is to be told. */
export interface ExecutedCall {
  readonly key: RunKey;
  readonly tool: string;
  readonly fact: AdapterReport;
  /**
   * To be done once the log has taken the report as the call's end, and only then. Throws retryable errors, after which it should be done again.
   * A read leaves no record of its own, so when it comes again after its permit's time only the log knows whether it was answered in time, and
   * that is no alarm.
   */
  readonly onRecorded?: () => Promise<void>;
}

/** How a call ended, and the refusal of its permit that only the log can tell whether it is news. */
interface Ending {
  readonly outcome: ToolOutcome;
  readonly late?: RefusedPermit;
}

/**
 * Acts upon the commits of an adapter: executes the call that one dispatches, or brings the person's word that it carries
 * into the ledger. Whatever is wrong with a call is its outcome: an unknown tool (`tool.unknown-tool`), a bad permit
 * (`tool.permit-refused`), a contract that is not the one the call was decided on (`tool.contract-drifted`), and all that
 * {@link executeCall} finds. Only a call that was held back by a quarantine has none: it is reported as parked.
 */
export class CallExecutor {
  private readonly tools: PresentTools;

  constructor(private readonly settings: CallExecutorSettings) {
    this.tools = new PresentTools(settings.tools, settings.standings);
  }

  /**
   * Throws `tool.commit-unreadable` (not retryable by this release) when there is no call to answer, and the retryable
   * errors of {@link executeCall} and of the permit verifier, and `tool.contract-behind` when this worker may not have
   * heard yet of the contract that the call was decided on; then the same message should be handled again.
   */
  async handle(dispatched: Commit, delivery: Delivery): Promise<ExecutedCall> {
    const { tenant, runId, hash, number } = dispatched;
    const event = dispatched.events.findLast((one): one is Dispatching => (one.type === 'tool-called' || one.type === 'doubt-resolved') && one.adapter === this.settings.adapter);
    if (event === undefined) throw unreadable(`commit ${number} of run ${runId} calls no tool of the adapter "${this.settings.adapter}"`);
    // The id follows from the commit alone, so one that is delivered again is answered with the same fact.
    const about = { id: `${event.callId}:${digestOf({ tenant, runId, callId: event.callId, commit: hash })}`, callId: event.callId, dispatch: number };
    const told = (fact: AdapterReport, late?: RefusedPermit): ExecutedCall => ({ key: { tenant, runId }, tool: event.tool, fact, ...(late === undefined ? {} : { onRecorded: async () => this.settings.onRefusedPermit?.(late) }) });
    if (event.type === 'doubt-resolved') return told({ kind: 'tool', ...about, outcome: await resolveDoubt(this.tools.find(event.tool), dispatched, event, this.meansFor(delivery)) });
    const quarantine = await this.tools.quarantineOf(event.tool);
    const { outcome, late } = await this.execute(dispatched, event, delivery, quarantine);
    if (outcome.status !== 'failed' || outcome.failure.code !== QUARANTINED) return told({ kind: 'tool', ...about, outcome }, late);
    const { sequence, reason } = quarantine ?? { sequence: SOME_QUARANTINE, reason: outcome.failure.message };
    return told({ kind: 'parked', ...about, reason: reason.slice(0, LONGEST_REASON), quarantine: sequence });
  }

  private async execute({ tenant, runId, number, encryption }: Commit, called: RunEventOf<'tool-called'>, delivery: Delivery, quarantine: Quarantine | undefined): Promise<Ending> {
    const tool = quarantine === undefined ? await this.tools.under(called, delivery.deliveries) : this.tools.find(called.tool);
    if (tool === undefined) return { outcome: failedBefore(quarantine === undefined ? this.unknown(called.tool) : quarantined(called.tool, quarantine)) };
    // It goes through the ledger all the same: what an earlier delivery did must be told, and one that comes later, to a
    // worker that has not heard of the quarantine, must find that the call is held back.
    const held = quarantine === undefined ? driftOf(tool, called) : quarantined(called.tool, quarantine);
    const permit = held === undefined ? await this.permitOf({ tenant, runId }, number, called) : undefined;
    const refused = permit !== undefined && 'error' in permit ? permit : undefined;
    const { worth, memoryScopes } = permit !== undefined && 'claims' in permit ? permit.claims : {};
    const forbidden = held ?? refused?.error;
    const call: ToolCall = {
      tool, args: called.arguments, tenant, runId, callId: called.callId, dispatch: number, traceHeaders: delivery.traceHeaders, redelivered: delivery.deliveries > 1,
      ...(forbidden === undefined ? {} : { forbidden }), ...(worth === undefined ? {} : { worth }), ...(memoryScopes === undefined ? {} : { memoryScopes }),
      ...(encryption === undefined ? {} : { dataKey: encryption.key }),
    };
    const outcome = await executeCall(call, this.meansFor(delivery));
    if (forbidden === undefined) await this.settings.onOutcome?.(tool, outcome);
    if (refused === undefined || (isOfTime(refused.told.code) && isOnRecord(outcome))) return { outcome };
    if (isOfTime(refused.told.code) && tool.effect === 'read' && call.redelivered === true) return { outcome, late: refused.told };
    await this.settings.onRefusedPermit?.(refused.told);
    return { outcome };
  }

  private meansFor({ signal }: Delivery): ExecutionMeans {
    return { ...this.settings.means, ...(signal === undefined ? {} : { signal }) };
  }

  private unknown(tool: string): ToolError {
    return ToolError.refused({ code: 'tool.unknown-tool', message: `The adapter "${this.settings.adapter}" has no tool "${tool}".`, remedy: 'Deploy a worker that has the tool, or take it out of the catalog.' });
  }

  private async permitOf(key: RunKey, dispatch: number, { callId, tool, contractDigest, policyDigest, permit, arguments: args }: RunEventOf<'tool-called'>): Promise<{ readonly claims: PermitClaims } | { readonly error: ToolError; readonly told: RefusedPermit }> {
    try {
      const claims = await this.settings.verifyPermit(permit, { tenant: key.tenant, run: key.runId, callId, tool, contractDigest, argumentsDigest: digestOf(args), dispatch, ...(policyDigest === undefined ? {} : { policyDigest }) });
      return { claims };
    } catch (error) {
      if (error instanceof HoldfastError && error.retryable) throw error;
      const { code, message } = error instanceof HoldfastError ? error : { code: 'permit.forged', message: 'The permit could not be read.' };
      const [reason, remedy] = error instanceof HoldfastError ? [`${error.message} (${error.code})`, error.remedy] : ['The permit could not be read.', undefined];
      const refusal = ToolError.refused({ code: PERMIT_REFUSED, message: `The call of ${tool} has no valid permit. ${reason}`, remedy: remedy ?? 'Ask policy about exactly this call.', cause: error });
      return { error: refusal, told: { ...key, callId, tool, dispatch, code, message } };
    }
  }
}

/** The ledger had another end of the call than this refusal. */
function isOnRecord(outcome: ToolOutcome): boolean {
  return !(outcome.status === 'failed' && outcome.failure.code === PERMIT_REFUSED);
}

/** A call is decided on a contract; under another one its arguments, roles and effect class may mean something else. */
function driftOf(tool: Tool, called: RunEventOf<'tool-called'>): ToolError | undefined {
  const { digest, effect } = tool.contract;
  if (digest === called.contractDigest && effect === called.effect) return undefined;
  return ToolError.refused({
    code: 'tool.contract-drifted',
    message: `${tool.name} was decided on with contract ${called.contractDigest.slice(0, 12)}, but this worker has contract ${digest.slice(0, 12)}.`,
    remedy: 'Bring the catalog and the tool workers to the same release, then let the agent decide again.',
  });
}

/** Nothing was done for the call; when it is dispatched anew, after the quarantine, this is no answer to it. */
function quarantined(tool: string, { reason }: Quarantine): ToolError {
  return ToolError.refused({ code: QUARANTINED, message: `${tool} is quarantined: ${reason}`, remedy: 'Look at the difference and accept the contract, or bring the old one back.' });
}

function failedBefore(error: ToolError): ToolOutcome {
  return { status: 'failed', failure: failureOf(error), attempts: [] };
}

function unreadable(reason: string): HoldfastError {
  return new HoldfastError({ code: 'tool.commit-unreadable', message: `A dispatched call cannot be read: ${reason}.`, retryable: false, remedy: 'Run the same release of orchestrator and tool workers.' });
}
