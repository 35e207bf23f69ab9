import { MAY_BE_RETRIED, type Commit, type RunEventOf, type ToolOutcome } from '@holdfast/contracts';
import { resolveCall, type ExecutionMeans, type Resolution, type Tool } from '@holdfast/tool-sdk';

/**
 * Brings a person's word about a call in doubt into the ledger, and tells what that holds then. Neither a permit nor the
 * contract of the call is asked for, because nothing is sent. Throws like `resolveCall`.
 */
export async function resolveDoubt(tool: Tool | undefined, { tenant, runId, number, encryption }: Commit, resolved: RunEventOf<'doubt-resolved'>, means: ExecutionMeans): Promise<ToolOutcome> {
  const { callId, by, operationKey, claim } = resolved;
  if (tool === undefined) return stillInDoubt(resolved);
  const call = { tool, args: resolved.arguments, tenant, runId, callId, dispatch: number, ...(encryption === undefined ? {} : { dataKey: encryption.key }) };
  const answer = await resolveCall(call, { resolution: resolutionOf(resolved), by, operationKey, claim }, means);
  if (answer.status === 'settled') return answer.outcome;
  const failure = { code: MAY_BE_RETRIED, message: `${by} let ${tool.name} be tried again.`, retryable: true, remedy: 'Call the tool again if it is still wanted.' };
  return { status: 'failed', failure, attempts: [] };
}

function resolutionOf({ resolution: kind, result }: RunEventOf<'doubt-resolved'>): Resolution {
  return kind === 'happened' ? { kind, result } : { kind };
}

/** Without the tool nobody can say which operation it was about, nor check a result. */
function stillInDoubt({ tool, operationKey, claim, by }: RunEventOf<'doubt-resolved'>): ToolOutcome {
  const failure = { code: 'tool.in-doubt', message: `What ${by} says of ${tool} could not be recorded, since no worker has this tool any more.`, retryable: false, remedy: 'Deploy a worker that has the tool, and say it again.' };
  return { status: 'in-doubt', failure, attempts: [], ...(operationKey === undefined ? {} : { operationKey }), ...(claim === undefined ? {} : { claim }) };
}
