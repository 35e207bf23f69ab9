import { joinToolSets, sealContract, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { agents, models, contracts as chaosContracts, tools as chaosTools } from '../../faults/application/application.ts';
import { TOOL_OF } from '../../faults/application/scripts.ts';
import { BREAKER, RATE_LIMIT } from './limits.ts';

export { agents, models };

type Contract = Tool['contract'];

/** The chaos runs' tools, under a rate limit and a breaker that a test can watch. */
function guarded({ digest: _digest, ...fields }: Contract): Contract {
  const patient = { ...fields, deadlineMs: 120_000, retry: { attempts: 20, baseDelayMs: 10, maxDelayMs: 50 } };
  if (fields.name === TOOL_OF.read) return sealContract({ ...patient, rateLimit: RATE_LIMIT, concurrency: 8 });
  if (fields.name === TOOL_OF.idempotent) return sealContract({ ...patient, breaker: BREAKER, concurrency: 1 });
  return sealContract(fields);
}

export const contracts: ToolModule['contracts'] = chaosContracts.map(guarded);

/** Each request says which process it comes from. */
export const tools: ToolModule['tools'] = async (environment) => joinToolSets(await chaosTools(environment)).tools.map((tool): Tool => ({
  ...tool,
  contract: guarded(tool.contract),
  execute: (args, context) => tool.execute(args, { ...context, traceHeaders: { ...context.traceHeaders, 'x-worker': String(process.pid) } }),
}));
