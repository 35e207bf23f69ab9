import { UNREADABLE_CALL, type ToolRequest } from '@holdfast/contracts';

/** What is wrong with a model's words, told to the model. */
export interface Flaw {
  readonly problem: string;
  /** Whether the same model may well do better when it is asked the same again. */
  readonly mayPass: boolean;
}

/** Why a text without calls is no answer and must not end the run, such as one that was cut off; undefined where it is one. */
export function flawOf({ text, finishReason }: { readonly text: string; readonly finishReason: string }): Flaw | undefined {
  switch (finishReason) {
    case 'length': return { problem: 'The answer was cut off at its limit of tokens. Be shorter, or do less in one step.', mayPass: false };
    case 'content-filter': return { problem: 'The provider refused the answer, or its content filter stopped it.', mayPass: false };
    case 'error': return { problem: 'The provider failed in the middle of the answer.', mayPass: true };
    default: return text.trim() === '' ? { problem: 'The answer was empty: neither a call nor a text.', mayPass: true } : undefined;
  }
}

/** The flaw as a call that policy is sure to refuse, so that it is in the log and the model is told in its next step. */
export function callFor(basis: number, { problem }: Flaw): ToolRequest {
  return { requestId: `request-${basis}-1`, tool: UNREADABLE_CALL, arguments: { problem } };
}

/** Bytes of JSON that a model's text may have: a proposal may hold it twice, beside its calls, and has to fit into one message. */
const MOST_TEXT_BYTES = 192 * 1024;

/** The text, or as much of it as a proposal may hold: asked again, the model would write as much again, for ever. */
export function withinBounds(text: string): string {
  const bytes = Buffer.byteLength(JSON.stringify(text));
  if (bytes <= MOST_TEXT_BYTES) return text;
  // A character of a text takes at most six bytes of JSON.
  return `${text.slice(0, MOST_TEXT_BYTES / 6)}… (cut: the model wrote ${text.length} characters, ${bytes} bytes; at most ${MOST_TEXT_BYTES} are kept)`;
}
