import { CALL_IDENTITY, memoryLimits, type MemoryIngestAnswer, type MemoryRememberRequest } from '@holdfast/contracts';
import { z } from 'zod';
import { defineTool } from '../tools/define-tool.js';
import type { Tool } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';
import { permittedScopes } from './permitted-scopes.js';

/** Stores a text in memory, or finds that it is there. Rejects with a `HoldfastError` that says whether to try again. */
export type Remember = (request: MemoryRememberRequest, signal: AbortSignal) => Promise<Pick<MemoryIngestAnswer, 'digest' | 'documentId'>>;

export interface RememberToolSettings {
  readonly name: string;
  readonly description: string;
  /** Where it is stored, in runs that may work there; the model cannot choose. Whichever tool searches there shows it, where its label allows. */
  readonly scope: string;
  readonly remember: Remember;
  readonly adapter?: string;
  readonly timeoutMs?: number;
}

const rememberInput = z.strictObject({
  topic: z.string().min(1).max(memoryLimits.title).describe('What it is about, in a few words.'),
  text: z.string().min(1).max(memoryLimits.note).describe('What to remember, in whole sentences that can be understood without this conversation.'),
});
const rememberOutput = z.strictObject({ documentId: z.string(), digest: z.string() });

/**
 * A tool by which an agent remembers something for later runs. What is stored is worth what policy found in the log that the run
 * had read, whatever the model says of it: an outsider's text stays an outsider's when a model has put it in its own words, and a
 * secret stays secret. So it counts as `confined`: who may read it later is decided by its label.
 *
 * Each call is an operation of its own, since what became of another run's may not be true any more: memory itself keeps the same
 * words of the same worth once, and knows what was revoked since.
 */
export function rememberTool(settings: RememberToolSettings): Tool {
  return defineTool({
    name: settings.name,
    description: settings.description,
    effect: 'idempotent',
    identity: [CALL_IDENTITY],
    input: rememberInput,
    output: rememberOutput,
    roles: { topic: 'content', text: 'content' },
    outputLabel: { trust: 'organisation', secrecy: 'internal' },
    confined: true,
    storesLabels: true,
    memoryScopes: [settings.scope],
    adapter: settings.adapter,
    timeoutMs: settings.timeoutMs ?? 10_000,
    retry: { attempts: 10, baseDelayMs: 250, maxDelayMs: 4_000 },
    concurrency: 8,
    async execute({ topic, text }, context) {
      const { worth, dispatch, tenant, runId, callId, signal } = context;
      if (worth === undefined || dispatch === undefined) {
        throw ToolError.refused({ code: 'memory.label-missing', message: 'Nobody says what this text is worth, so it is not remembered.', remedy: 'Bring policy and tool adapters to the same release.' });
      }
      permittedScopes([settings.scope], context);
      try {
        const { documentId, digest } = await settings.remember({ tenant, scope: settings.scope, title: topic, text, ...worth, writer: { runId, callId, commit: dispatch } }, signal);
        return { documentId, digest };
      } catch (cause) {
        throw failureOf(cause);
      }
    },
  });
}

/** Storing the same again changes nothing, so an answer that was lost leaves no doubt. */
function failureOf(cause: unknown): ToolError {
  const message = `It could not be remembered: ${cause instanceof Error ? cause.message : String(cause)}`;
  const { code, retryable, remedy } = cause as { readonly code?: string; readonly retryable?: boolean; readonly remedy?: string };
  if (retryable === false && code !== undefined) return ToolError.refused({ code, message, remedy: remedy ?? 'Remember something else.', cause });
  return ToolError.notDone({ code: 'memory.unavailable', message, remedy: 'Try again later.', cause });
}
