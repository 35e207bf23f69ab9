import { isAtLeast, secrecy as secrecyLevel, trust as trustLevel, type Secrecy, type Trust } from '@holdfast/contracts';
import { z } from 'zod';
import { defineTool } from '../tools/define-tool.js';
import type { Tool } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';

/** The part of the memory service's search contract that the tool asks with. */
export interface PassageQuery {
  readonly tenant: string;
  readonly scopes: string[];
  readonly query: string;
  readonly limit: number;
  readonly minimumTrust: Trust;
}

/** The part of a found passage that a model is shown. */
export interface FoundPassage {
  readonly documentId: string;
  readonly title: string;
  readonly text: string;
  readonly source: string;
  readonly trust: Trust;
  readonly secrecy: Secrecy;
  readonly score: number;
}

export type PassageSearch = (query: PassageQuery, signal: AbortSignal) => Promise<{ readonly passages: readonly FoundPassage[] }>;

export interface SearchToolSettings {
  readonly name: string;
  readonly description: string;
  /** Where is searched; the model cannot widen it. */
  readonly scopes: readonly [string, ...string[]];
  readonly search: PassageSearch;
  /** The label of everything found: less trusted passages are left out. */
  readonly trust?: Trust;
  /** More secret passages are left out. */
  readonly secrecy?: Secrecy;
  readonly adapter?: string;
  readonly timeoutMs?: number;
}

const searchInput = z.strictObject({
  query: z.string().min(1).max(2_000).describe('What to look for, in plain words.'),
  limit: z.int().min(1).max(20).default(5).describe('How many passages at most.'),
});

const searchOutput = z.strictObject({
  passages: z.array(z.strictObject({ documentId: z.string(), title: z.string(), text: z.string(), source: z.string(), trust: trustLevel, secrecy: secrecyLevel, score: z.number() })),
});

/**
 * A tool that searches the organisation's memory. A contract has one label for its output, whatever is found; so the
 * tool asks for passages that are at least as trusted as that label, and drops any that is less trusted or more secret
 * than the label says. Each passage still carries its own labels and source.
 */
export function searchTool(settings: SearchToolSettings): Tool {
  const minimumTrust = settings.trust ?? 'organisation';
  const highestSecrecy = settings.secrecy ?? 'internal';
  return defineTool({
    name: settings.name,
    description: settings.description,
    effect: 'read',
    input: searchInput,
    output: searchOutput,
    roles: { query: 'content', limit: 'enum' },
    outputLabel: { trust: minimumTrust, secrecy: highestSecrecy },
    adapter: settings.adapter,
    timeoutMs: settings.timeoutMs ?? 5_000,
    retry: { attempts: 10, baseDelayMs: 250, maxDelayMs: 4_000 },
    concurrency: 32,
    async execute({ query, limit }, context) {
      const { passages } = await settings.search({ tenant: context.tenant, scopes: [...settings.scopes], query, limit, minimumTrust }, context.signal).catch((cause: unknown) => {
        throw ToolError.notDone({ code: 'memory.unavailable', message: `The memory could not be searched: ${cause instanceof Error ? cause.message : String(cause)}`, remedy: 'Try again later.', cause });
      });
      const shown = passages.filter((passage) => isAtLeast(passage.trust, minimumTrust) && isNoMoreSecret(passage.secrecy, highestSecrecy));
      return { passages: shown.map(({ documentId, title, text, source, trust, secrecy, score }) => ({ documentId, title, text, source, trust, secrecy, score })) };
    },
  });
}

const secrecyOrder: readonly Secrecy[] = ['public', 'internal', 'secret'];

function isNoMoreSecret(value: Secrecy, highest: Secrecy): boolean {
  return secrecyOrder.indexOf(value) <= secrecyOrder.indexOf(highest);
}
