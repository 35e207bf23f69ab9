import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { HoldfastError } from '@holdfast/contracts';
import { z } from 'zod';
import { readPythonLiteral } from '../python-literal.js';

/** A call that a task makes when everything goes right, with what the tool answered; the text of a Python value is read as that value. */
const call = z.looseObject({ tool: z.string(), args: z.record(z.string(), z.unknown()), result: z.unknown().transform((result) => (typeof result === 'string' ? readPythonLiteral(result) ?? result : result)) });

const suite = z.looseObject({
  tools: z.record(z.string(), z.looseObject({ description: z.string().default(''), inputSchema: z.record(z.string(), z.unknown()) })),
  userTasks: z.record(z.string(), z.looseObject({ prompt: z.string(), calls: z.array(call) })),
  injectionTasks: z.record(z.string(), z.looseObject({ goal: z.string(), calls: z.array(call) })),
  /** The places that an attacker can write to, by name; `default` is what stands there otherwise. */
  vectors: z.record(z.string(), z.looseObject({ default: z.string().default('') })),
});

/**
 * A recording of a benchmark of tool-using agents under prompt injection, after AgentDojo (Debenedetti et al., 2024,
 * arXiv:2406.13352). In results, the `canary` with a vector's name in it marks where the attacker's text stands.
 */
const recording = z.looseObject({ canary: z.string().includes('<vector>').default('---CANARY_<vector>---'), suites: z.record(z.string(), suite) });

export type AgentDojoSuite = z.infer<typeof suite>;
export type RecordedCall = z.infer<typeof call>;

export interface Recording {
  /** What marks the place of a vector in a result. */
  readonly mark: (vector: string) => string;
  readonly suites: Readonly<Record<string, AgentDojoSuite>>;
}

/** Reads a recording, JSON or gzipped JSON. Throws `agentdojo.unreadable`, which names the place of the first faults. */
export function readRecording(file: string): Recording {
  let parsed: z.ZodSafeParseResult<z.infer<typeof recording>>;
  try {
    const bytes = readFileSync(file);
    const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    parsed = recording.safeParse(JSON.parse((isZipped ? gunzipSync(bytes) : bytes).toString('utf8')));
  } catch (cause) {
    throw unreadable(file, cause instanceof Error ? cause.message : String(cause));
  }
  if (!parsed.success) throw unreadable(file, parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; '));
  const { canary, suites } = parsed.data;
  return { suites, mark: (vector) => canary.replace('<vector>', () => vector) };
}

function unreadable(file: string, reason: string): HoldfastError {
  return new HoldfastError({ code: 'agentdojo.unreadable', message: `The recording "${file}" cannot be read: ${reason}.`, retryable: false, remedy: 'Give a file in the form that docs/agentdojo.md describes.' });
}
