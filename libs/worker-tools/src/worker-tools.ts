import { subjects, workerDescription, workerExecuted, workerReconciled, type ToolContract, type WorkerExecuted, type WorkerRequest } from '@holdfast/contracts';
import { ToolError, describedContract, toolFromContract, type CallContext, type ContractSource, type Reconciliation, type Tool, type ToolSet, type WorkerPort } from '@holdfast/tool-sdk';
import type { z } from 'zod';

const DESCRIBE_MS = 5_000;

/**
 * Tools whose code is a worker in any language, reached over NATS request-reply; `contracts` are those of its contract
 * file. One set may have several adapters. The wire contract is docs/reference/worker.asyncapi.yaml.
 */
export function workerTools(contracts: readonly ToolContract[], workers: WorkerPort): ToolSet {
  const adapters = [...new Set(contracts.map(({ adapter }) => adapter))];
  return { tools: contracts.map((contract) => toolOf(contract, workers)), sources: adapters.map((adapter) => sourceOf(adapter, contracts.filter((contract) => contract.adapter === adapter), workers)) };
}

function toolOf(contract: ToolContract, workers: WorkerPort): Tool {
  const { adapter, name, reconciles } = contract;
  const execute = async (args: Readonly<Record<string, unknown>>, context: CallContext): Promise<unknown> => {
    const answer = await ask(workers, subjects.workerExecute(adapter, name), name, args, context, workerExecuted);
    if (answer.status === 'failed') throw toToolError(answer);
    return answer.result;
  };
  if (reconciles !== true) return toolFromContract(contract, { execute });
  return toolFromContract(contract, {
    execute,
    async reconcile(args, context): Promise<Reconciliation<unknown>> {
      const answer = await ask(workers, subjects.workerReconcile(adapter, name), name, args, context, workerReconciled);
      if (answer.status === 'failed') throw ToolError.unknown({ code: answer.code, message: answer.message, remedy: answer.remedy, retryAfterMs: answer.retryAfterMs });
      return answer;
    },
  });
}

/** One question to a worker. What came too late or cannot be read leaves it open whether the worker acted. */
async function ask<T>(workers: WorkerPort, subject: string, tool: string, args: Readonly<Record<string, unknown>>, context: CallContext, shape: z.ZodType<T>): Promise<T> {
  const timeoutMs = Math.max(1, Math.floor(context.deadline - Date.now()));
  const { operationKey, attempt, tenant, runId: run, callId: call, worth, memoryScopes } = context;
  const question: WorkerRequest = { tool, arguments: { ...args }, ...(operationKey === undefined ? {} : { operationKey }), attempt, timeoutMs, tenant, run, call, ...(worth === undefined ? {} : { worth }), ...(memoryScopes === undefined ? {} : { memoryScopes: [...memoryScopes] }) };
  const answer = await workers.ask(subject, question, { timeoutMs, headers: context.traceHeaders });
  if (answer.status === 'nobody') throw ToolError.notDone({ code: 'worker.absent', message: `No worker serves ${tool} (nobody listens on "${subject}").`, remedy: 'Start the worker, and check that it is logged in as "worker" and subscribes to this subject.' });
  if (answer.status === 'unanswered') throw ToolError.unknown({ code: 'worker.unanswered', message: `The worker did not answer about ${tool}: ${answer.reason}.`, remedy: 'Look at the log of the worker.' });
  const parsed = shape.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `"${path.join('.')}": ${message}`).join('; ');
  throw ToolError.unknown({ code: 'worker.answer-invalid', message: `The worker's answer about ${tool} does not follow the wire contract. ${faults}`, remedy: 'Correct the worker; docs/reference/worker.asyncapi.yaml describes its answers.' });
}

function toToolError({ kind, code, message, remedy, retryAfterMs }: Extract<WorkerExecuted, { status: 'failed' }>): ToolError {
  const shape = { code, message, remedy, retryAfterMs };
  switch (kind) {
    case 'not-done': return ToolError.notDone(shape);
    case 'unknown': return ToolError.unknown(shape);
    case 'refused': return ToolError.refused(shape);
    // What a worker calls its reason is for people; the ledger knows an effect without a usable result by this code.
    case 'done': return ToolError.done({ ...shape, code: 'tool.output-invalid', message: code === undefined ? message : `${message} (${code})` });
  }
}

/** What the worker says of itself, taken for no more than what the accepted contracts are compared with. */
function sourceOf(adapter: string, accepted: readonly ToolContract[], workers: WorkerPort): ContractSource {
  return {
    name: `the worker of adapter "${adapter}"`,
    tools: accepted.map(({ name }) => name),
    async describe() {
      const answer = await workers.ask(subjects.workerDescribe(adapter), { adapter }, { timeoutMs: DESCRIBE_MS, headers: {} });
      if (answer.status !== 'answered') throw ToolError.notDone({ code: 'worker.absent', message: `The worker of adapter "${adapter}" does not describe itself.`, remedy: 'Start the worker.' });
      const parsed = workerDescription.safeParse(answer.body);
      if (!parsed.success) throw ToolError.unknown({ code: 'worker.answer-invalid', message: `The worker of adapter "${adapter}" describes its tools in a way that cannot be read: ${parsed.error.message}`, remedy: 'Correct the worker; docs/reference/worker.asyncapi.yaml describes its answers.' });
      const wanted = new Set(accepted.map(({ name }) => name));
      return parsed.data.tools.filter(({ name }) => wanted.has(name)).flatMap((fields) => describedContract({ ...fields, adapter }) ?? []);
    },
    onChange: (listener) => workers.onChange(subjects.workerChanged(adapter), listener),
  };
}
