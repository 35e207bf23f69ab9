import { UNREADABLE_CALL, toolName, type ToolRequest } from '@holdfast/contracts';

/** A proposal holds no more; a model that wants more can ask for the rest in its next step. */
const MOST_REQUESTS = 32;
const LONGEST_REQUEST_ID = 256;
const LONGEST_QUOTE = 2_000;
/** Bytes of JSON that the arguments of one proposal may have together: its message has to hold them beside other things. */
const MOST_ARGUMENT_BYTES = 256 * 1024;

/** A call as the AI SDK hands it over: `input` is a text where it was not JSON, and `toolName` is whatever the model wrote. */
export interface ModelCall {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
}

/** A model's calls as requests that the contract allows, whatever the model wrote. */
export function requestsOf(calls: readonly ModelCall[], basis: number): ToolRequest[] {
  const taken = new Set<string>();
  let left = MOST_ARGUMENT_BYTES;
  return calls.slice(0, MOST_REQUESTS).map((call, index) => {
    const usable = call.toolCallId !== '' && call.toolCallId.length <= LONGEST_REQUEST_ID && !taken.has(call.toolCallId);
    const requestId = usable ? call.toolCallId : `request-${basis}-${index + 1}`;
    taken.add(requestId);
    const request = readable(call);
    const bytes = Buffer.byteLength(JSON.stringify(request.arguments));
    if (bytes > left) return { requestId, ...unreadable(call.toolName, call.input ?? {}, `The arguments have ${bytes} bytes; the calls of one step may have ${MOST_ARGUMENT_BYTES} together. Ask for less, or hand over a reference.`) };
    left -= bytes;
    return { requestId, ...request };
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
