import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, normalize, resolve, sep } from 'node:path';
import { HoldfastError, agentDeclaration, budgets, type AgentDeclaration } from '@holdfast/contracts';
import { readDeclarations } from '@holdfast/declaration-files';
import { z } from 'zod';
import { faultsOfAgent } from './check-agent.js';
import { sealAgent, type AgentOptions } from './seal-agent.js';

const { shape } = agentDeclaration;

/** What most agents of a file have in common. */
const defaults = z.strictObject({
  model: shape.model,
  fallbacks: shape.fallbacks,
  modelParameters: shape.modelParameters,
  memoryScopes: shape.memoryScopes,
  strategy: shape.strategy,
  trustTier: shape.trustTier.optional(),
  budgets: budgets.partial().optional(),
});

const written = z.strictObject({
  ...agentDeclaration.omit({ digest: true }).partial({ instructions: true, tools: true, trustTier: true, inputTrust: true }).shape,
  instructionsFile: z.string().min(1).describe('In place of `instructions`: a text or Markdown file beside this one, or in a folder below.').optional(),
  budgets: budgets.partial().optional(),
});

/** The form of an agent file, YAML or JSON: agents, and what they have in common. */
export const agentFile = z.strictObject({ defaults: defaults.optional(), agents: z.array(written).min(1).max(200) });

/** How a file of instructions is read: its text by its name, which is relative to the agent file. */
export type ReadInstructions = (name: string) => string;

/** True for a path that names an agent file, and not a module. */
export function isAgentFile(path: string): boolean {
  return /\.(ya?ml|json)$/i.test(path);
}

/** Reads an agent file and the instructions beside it; see {@link parseAgents}. Throws `agents.unreadable` when there is none. */
export function readAgents(path: string): readonly AgentDeclaration[] {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      throw new HoldfastError({ code: 'agents.unreadable', message: `The file "${file}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: false, remedy: 'Correct the path.', cause });
    }
  };
  return parseAgents(read(path), path, (name) => read(resolve(dirname(path), name)));
}

/**
 * Agents from the text of a file, sealed with their digests. JSON is YAML too. The schema of the form is
 * docs/reference/agents.schema.json. Throws `agents.invalid` (not retryable), which names the file, the line, the agent,
 * the field and what is wrong with it.
 */
export function parseAgents(text: string, file: string, readInstructions: ReadInstructions): readonly AgentDeclaration[] {
  const { value, placeOf } = readDeclarations(text, { list: 'agents', one: 'agent' }, (reason) => invalid(file, [reason]));
  const parsed = agentFile.safeParse(value);
  if (!parsed.success) throw invalid(file, parsed.error.issues.slice(0, 20).map(({ path, message }) => `${placeOf(path)}${message}`));
  const names = new Set<string>();
  return parsed.data.agents.map((agent, index) => {
    const at = (...field: readonly string[]): string => placeOf(['agents', index, ...field]);
    if (names.has(agent.name)) throw invalid(file, [`${at()}it is declared twice`]);
    names.add(agent.name);
    const sealed = agentDeclaration.safeParse(sealAgent(optionsOf(file, agent, parsed.data.defaults ?? {}, at, readInstructions)));
    if (!sealed.success) throw invalid(file, sealed.error.issues.map(({ path, message }) => `${at(...path.map(String))}${message}`));
    const faults = faultsOfAgent(sealed.data);
    if (faults.length > 0) throw invalid(file, faults.map(({ field, message }) => `${at(...field.split('.'))}${message}`));
    return sealed.data;
  });
}

/** The agent with what the file's agents have in common and with its instructions, whichever way they are given. */
function optionsOf(file: string, { instructionsFile, instructions, ...agent }: z.infer<typeof written>, common: z.infer<typeof defaults>, at: (...field: readonly string[]) => string, readInstructions: ReadInstructions): AgentOptions {
  const model = agent.model ?? common.model;
  if (model === undefined && (agent.strategy ?? common.strategy) !== 'external') throw invalid(file, [`${at()}it has no model, and there is none among the defaults`]);
  if ((instructions === undefined) === (instructionsFile === undefined)) throw invalid(file, [`${at()}it needs "instructions" or "instructionsFile", and not both`]);
  const given = Object.fromEntries(Object.entries({ ...common, ...agent }).filter(([, field]) => field !== undefined));
  return {
    ...given, name: agent.name, taskTypes: agent.taskTypes, tools: agent.tools ?? [], ...(model === undefined ? {} : { model }), budgets: { ...common.budgets, ...agent.budgets },
    instructions: instructions ?? textOf(instructionsFile ?? ''),
  };

  function textOf(name: string): string {
    const place = at('instructionsFile');
    // An agent file may come from elsewhere than the machine that it is read on.
    const path = normalize(name);
    if (isAbsolute(name) || path === '..' || path.startsWith(`..${sep}`)) throw invalid(file, [`${place}"${name}" is not beside the agent file or below it`]);
    try {
      return readInstructions(name).trim();
    } catch (cause) {
      throw invalid(file, [`${place}${cause instanceof Error ? cause.message : String(cause)}`], cause);
    }
  }
}

function invalid(file: string, faults: readonly string[], cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'agents.invalid', message: `The agent file "${file}" is wrong: ${faults.join('; ')}.`, retryable: false, remedy: 'Correct what is named; docs/reference/agents.schema.json describes the form.', cause });
}
