import { toolName, type ToolRequest } from '@holdfast/contracts';

/**
 * The tool that a call is recorded under when it cannot be read. No catalogue has it, so policy refuses it with certainty,
 * where empty arguments might have been allowed; and the model is shown its own text and what is wrong with it.
 */
export const UNREADABLE_CALL = 'unreadable_call';

/** A proposal holds no more; a model that wants more can ask for the rest in its next step. */
const MOST_REQUESTS = 32;
const LONGEST_REQUEST_ID = 256;
const LONGEST_QUOTE = 2_000;

/** A call as the AI SDK hands it over: `input` is a text where it was not JSON, and `toolName` is whatever the model wrote. */
export interface ModelCall {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
}

/** A model's calls as requests that the contract allows, whatever the model wrote. */
export function requestsOf(calls: readonly ModelCall[], basis: number): ToolRequest[] {
  const taken = new Set<string>();
  return calls.slice(0, MOST_REQUESTS).map((call, index) => {
    const usable = call.toolCallId !== '' && call.toolCallId.length <= LONGEST_REQUEST_ID && !taken.has(call.toolCallId);
    const requestId = usable ? call.toolCallId : `request-${basis}-${index + 1}`;
    taken.add(requestId);
    return { requestId, ...readable(call) };
  });
}

function readable({ toolName: name, input }: ModelCall): Pick<ToolRequest, 'tool' | 'arguments'> {
  const given = input ?? {};
  if (!toolName.safeParse(name).success) return unreadable(name, given, 'This is no name of a tool.');
  if (typeof given !== 'object' || Array.isArray(given)) return unreadable(name, given, 'The arguments are not a JSON object.');
  return { tool: name, arguments: given as Record<string, unknown> };
}

function unreadable(name: string, given: unknown, problem: string): Pick<ToolRequest, 'tool' | 'arguments'> {
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  return { tool: UNREADABLE_CALL, arguments: { tool: name.slice(0, 100), problem, arguments: text.slice(0, LONGEST_QUOTE) } };
}
