import { findInvoice, type Invoice } from './documents.js';
import { isObject, jsonObjectsIn, stringsIn, type LooseObject } from './json-in-text.js';
import type { ModelCall, OfferedTool, ToolResultPart } from './language-model.js';

/** How a call ended, as its result in the messages tells it. */
export type StepOutcome =
  | { readonly kind: 'succeeded'; readonly value: unknown }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

export interface Step {
  /** The tool's name as the reasoner knows it, whatever prefix it was offered under. */
  readonly tool: string;
  readonly outcome: StepOutcome;
}

/** What the messages say: the task, what was done for it so far, and what may be done next. */
export interface Conversation {
  readonly goal: string;
  readonly invoice: Invoice | undefined;
  readonly steps: readonly Step[];
  readonly tools: ReadonlyMap<string, OfferedTool>;
}

const knownTools = ['get_purchase_order', 'search_guidelines', 'pay_invoice', 'send_dispute', 'escalate_invoice'] as const;
export type KnownTool = (typeof knownTools)[number];

/** Reads a prompt. The task is the last user message that carries an invoice; calls before it belong to another task. */
export function readConversation({ prompt, tools = [], toolChoice }: ModelCall): Conversation {
  let goal = '';
  let invoice: Invoice | undefined;
  let steps: Step[] = [];
  for (const message of prompt) {
    if (message.role === 'user') {
      const text = message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
      const stated = findInvoice(text);
      if (stated === undefined && invoice !== undefined) continue;
      [goal, invoice, steps] = [text, stated, []];
    } else if (message.role !== 'system') {
      for (const part of message.content) if (part.type === 'tool-result') steps.push({ tool: knownName(part.toolName), outcome: readOutcome(part) });
    }
  }
  const offered = tools.filter((tool) => tool.type === 'function').filter(({ name }) => toolChoice?.type !== 'none' && (toolChoice?.type !== 'tool' || toolChoice.toolName === name));
  return { goal, invoice, steps, tools: new Map(offered.map((tool) => [knownName(tool.name), tool])) };
}

/** Servers and gateways put prefixes before tool names and write them with other separators. */
function knownName(name: string): string {
  const plain = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return knownTools.find((known) => plain === known || plain.endsWith(`_${known}`)) ?? name;
}

function readOutcome({ output }: ToolResultPart): StepOutcome {
  if (output.type === 'execution-denied') return { kind: 'refused', reason: output.reason ?? 'the call was denied' };
  const value = withoutLabel(valueOf(output));
  const stated = statement(value);
  // A result repeats other people's words, and our own, in which "refused" means nothing about this call.
  const quotes = output.type !== 'error-text' && output.type !== 'error-json';
  if (isRefusal(value, quotes)) return { kind: 'refused', reason: stated ?? 'refused by policy' };
  if (output.type === 'error-text' || output.type === 'error-json' || isFailure(value)) return { kind: 'failed', reason: stated ?? 'the tool failed without a reason' };
  return { kind: 'succeeded', value };
}

function valueOf(output: Exclude<ToolResultPart['output'], { readonly type: 'execution-denied' }>): unknown {
  const value = output.type === 'content' ? output.value.map((part) => (part.type === 'text' ? part.text : '')).join('\n') : output.value;
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** Holdfast tells what a result is worth beside it. */
function withoutLabel(value: unknown): unknown {
  return isObject(value) && isObject(value['label']) && 'content' in value ? value['content'] : value;
}

const statusMembers = ['status', 'outcome', 'decision', 'result', 'kind', 'type', 'code', 'error'] as const;

function isRefusal(value: unknown, quotes: boolean): boolean {
  const refused = /\b(?:refused|denied)\b/i;
  if (typeof value === 'string') return quotes ? /^\W*(?:the |this )?(?:call |search )?(?:was |is )?refused\b/i.test(value) : refused.test(value);
  if (!isObject(value)) return false;
  if (value['refused'] === true || typeof value['refused'] === 'string' || isObject(value['refused'])) return true;
  if (statusMembers.some((name) => typeof value[name] === 'string' && refused.test(value[name]))) return true;
  return !quotes && ['error', 'message', 'reason'].some((name) => stringsIn(value[name]).some((text) => /\brefused\b/i.test(text)));
}

function isFailure(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value['ok'] === false || value['isError'] === true || (value['error'] !== undefined && value['error'] !== null && value['error'] !== false)) return true;
  if (typeof value['status'] === 'number' && value['status'] >= 400) return true;
  return statusMembers.some((name) => typeof value[name] === 'string' && /^(?:error|failed|failure|in[- _]doubt|timed?[- _]?out)$/i.test(value[name]));
}

/** The sentence that a result gives as its reason. */
function statement(value: unknown): string | undefined {
  if (typeof value === 'string') {
    const [object] = jsonObjectsIn(value);
    return (object === undefined ? undefined : statement(object)) ?? (value.trim() || undefined);
  }
  if (!isObject(value)) return undefined;
  for (const name of ['reason', 'reasons', 'message', 'detail', 'title', 'refused', 'error'] as const) {
    const text = stringsOrStatement(value, name);
    if (text !== undefined) return text;
  }
  return undefined;
}

function stringsOrStatement(value: LooseObject, name: string): string | undefined {
  const member = value[name];
  if (typeof member === 'string') return member.trim() || undefined;
  if (isObject(member)) return statement(member);
  const listed = Array.isArray(member) ? stringsIn(member) : [];
  return listed.length > 0 ? listed.join('; ') : undefined;
}
