import { readFileSync } from 'node:fs';
import { HoldfastError, effectClass, type Catalog, type ToolContract } from '@holdfast/contracts';
import { overlayLabel, overlayOptions, parseOverlay, sealContract } from '@holdfast/tool-sdk';
import { z } from 'zod';
import type { AgentDojoSuite as Suite } from '@holdfast/evals/datasets';

const PAGE = 'docs/agentdojo.md';
const tool = z.strictObject({ ...overlayOptions, effect: effectClass });
const overlay = z.strictObject({ suites: z.record(z.string(), z.strictObject({ outputLabel: overlayLabel, tools: z.record(z.string(), tool) })) });
export type Overlay = z.infer<typeof overlay>;

/** Reads what the owners of the tools declare. Throws `overlay.invalid`, naming the place and what is wrong. */
export function readOverlay(file: string): Overlay {
  return parseOverlay(readFileSync(file, 'utf8'), file, overlay, PAGE);
}

/** The one agent of a replay: it may ask for every tool, and what it asks for is judged by where the values came from alone. */
export const AGENT = 'assistant';
export const TASK_TYPE = 'com.example.assistance';

const LABEL = { trust: 'third-party', secrecy: 'internal' } as const;

/**
 * The contracts of a suite's tools: descriptions and arguments from the recording, and everything that policy relies on from the overlay.
 * Throws `agentdojo.tool-undeclared` for a tool that the overlay leaves out.
 */
export function catalogOf(name: string, suite: Suite, declared: Overlay): Catalog {
  const own = declared.suites[name] ?? { tools: {} };
  const missing = Object.keys(suite.tools).filter((tool) => own.tools[tool] === undefined);
  if (missing.length > 0) throw new HoldfastError({ code: 'agentdojo.tool-undeclared', message: `The overlay says nothing of the suite "${name}"'s tools ${missing.join(', ')}.`, retryable: false, remedy: `Declare their effects, roles and labels; ${PAGE} describes the form.` });
  const tools = Object.entries(suite.tools).map(([tool, { description, inputSchema }]): ToolContract => {
    const { effect, roles, identity, outputLabel = own.outputLabel, ...rest } = own.tools[tool] as Overlay['suites'][string]['tools'][string];
    return sealContract({
      adapter: 'default', timeoutMs: 10_000, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 1,
      ...rest, name: tool, description: (rest.description ?? description).slice(0, 2_000) || tool, effect, roles,
      input: inputSchema, output: {}, identity: identity ?? (effect === 'read' ? [] : ['$call']), outputLabel: { ...(outputLabel ?? LABEL), fields: outputLabel?.fields ?? {} },
    });
  });
  const agent: Catalog['agents'][number] = {
    name: AGENT, instructions: 'Help.', model: 'recorded', taskTypes: [TASK_TYPE], tools: tools.map((one) => one.name), trustTier: 'trusted', inputTrust: { goal: 'user' },
    budgets: { maxSteps: 1_000, deadlineSeconds: 3_600, approvalSeconds: 600 }, digest: '0'.repeat(64),
  };
  return { agents: [agent], tools };
}
