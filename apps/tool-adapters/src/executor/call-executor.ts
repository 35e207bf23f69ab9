import { HoldfastError, type Commit, type FactOf, type PermitClaims, type RunEventOf, type RunKey, type ToolOutcome } from '@holdfast/contracts';
import type { ExpectedPermit } from '@holdfast/policy-engine';
import { ToolError, digestOf, executeCall, failureOf, type ExecutionMeans, type Tool } from '@holdfast/tool-sdk';

/** Throws a HoldfastError when the permit is not for exactly this call; a retryable one when it cannot tell now. */
export type PermitVerifier = (token: string, expected: ExpectedPermit) => Promise<PermitClaims>;

export interface CallExecutorSettings {
  /** Only calls of this adapter are executed. */
  readonly adapter: string;
  readonly tools: readonly Tool[];
  readonly verifyPermit: PermitVerifier;
  readonly means: ExecutionMeans;
}

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
  readonly fact: FactOf<'tool'>;
}

/**
 * Executes the call that a commit dispatches. Whatever is wrong with the call is its outcome: an unknown tool
 * (`tool.unknown-tool`), a bad permit (`tool.permit-refused`), a contract that is not the one the call was decided on
 * (`tool.contract-drifted`), and all that {@link executeCall} finds.
 */
export class CallExecutor {
  private readonly tools: ReadonlyMap<string, Tool>;

  constructor(private readonly settings: CallExecutorSettings) {
    this.tools = new Map(settings.tools.map((tool) => [tool.name, tool]));
    if (this.tools.size !== settings.tools.length) {
      throw new HoldfastError({ code: 'tool.definition-invalid', message: 'Two tools of this worker have the same name.', retryable: false, remedy: 'Rename one of them.' });
    }
  }

  /**
   * Throws `tool.commit-unreadable` (not retryable by this release) when there is no call to answer, and the retryable
   * errors of {@link executeCall} and of the permit verifier; then the same message should be handled again.
   */
  async handle(dispatched: Commit, delivery: Delivery): Promise<ExecutedCall> {
    const called = dispatched.events.findLast((event): event is RunEventOf<'tool-called'> => event.type === 'tool-called' && event.adapter === this.settings.adapter);
    if (called === undefined) throw unreadable(`commit ${dispatched.number} of run ${dispatched.runId} calls no tool of the adapter "${this.settings.adapter}"`);
    const outcome = await this.execute(dispatched, called, delivery);
    const { tenant, runId, hash } = dispatched;
    // The id follows from the call alone, so a call that is delivered again answers with the same fact.
    const id = `${called.callId}:${digestOf({ tenant, runId, callId: called.callId, commit: hash })}`;
    return { key: { tenant, runId }, tool: called.tool, fact: { kind: 'tool', id, callId: called.callId, outcome } };
  }

  private async execute({ tenant, runId, number }: Commit, called: RunEventOf<'tool-called'>, delivery: Delivery): Promise<ToolOutcome> {
    const tool = this.tools.get(called.tool);
    if (tool === undefined) {
      return failedBefore(ToolError.refused({ code: 'tool.unknown-tool', message: `The adapter "${this.settings.adapter}" has no tool "${called.tool}".`, remedy: 'Deploy a worker that has the tool, or take it out of the catalog.' }));
    }
    const forbidden = driftOf(tool, called) ?? (await this.permitFailure(tenant, runId, called));
    return executeCall(
      {
        tool, args: called.arguments, tenant, runId, callId: called.callId, dispatch: number, traceHeaders: delivery.traceHeaders, redelivered: delivery.deliveries > 1,
        ...(forbidden === undefined ? {} : { forbidden }),
      },
      { ...this.settings.means, ...(delivery.signal === undefined ? {} : { signal: delivery.signal }) },
    );
  }

  private async permitFailure(tenant: string, run: string, { callId, tool, contractDigest, permit, arguments: args }: RunEventOf<'tool-called'>): Promise<ToolError | undefined> {
    try {
      await this.settings.verifyPermit(permit, { tenant, run, callId, tool, contractDigest, argumentsDigest: digestOf(args) });
      return undefined;
    } catch (error) {
      if (error instanceof HoldfastError && error.retryable) throw error;
      const [reason, remedy] = error instanceof HoldfastError ? [`${error.message} (${error.code})`, error.remedy] : ['The permit could not be read.', undefined];
      return ToolError.refused({ code: 'tool.permit-refused', message: `The call of ${tool} has no valid permit. ${reason}`, remedy: remedy ?? 'Ask policy about exactly this call.', cause: error });
    }
  }
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

function failedBefore(error: ToolError): ToolOutcome {
  return { status: 'failed', failure: failureOf(error), attempts: [] };
}

function unreadable(reason: string): HoldfastError {
  return new HoldfastError({ code: 'tool.commit-unreadable', message: `A dispatched call cannot be read: ${reason}.`, retryable: false, remedy: 'Run the same release of orchestrator and tool workers.' });
}
