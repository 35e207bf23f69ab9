import { isAtLeast, leastTrusted, mostSecret, shownPassage, type Secrecy, type ShownPassage, type Trust } from '@holdfast/contracts';
import { z } from 'zod';
import { defineTool } from '../tools/define-tool.js';
import type { Tool } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';
import { permittedScopes } from './permitted-scopes.js';

/** The part of the memory service's search contract that the tool asks with. */
export interface PassageQuery {
  readonly tenant: string;
  readonly scopes: string[];
  readonly query: string;
  readonly limit: number;
  readonly minimumTrust: Trust;
  readonly highestSecrecy: Secrecy;
}

/** The part of a found passage that a model is shown, and that the log therefore keeps. */
export type FoundPassage = ShownPassage;

export type PassageSearch = (query: PassageQuery, signal: AbortSignal) => Promise<{ readonly passages: readonly FoundPassage[] }>;

export interface SearchToolSettings {
  readonly name: string;
  readonly description: string;
  /** Where is searched, as far as the run may work there; the model cannot widen it. */
  readonly scopes: readonly [string, ...string[]];
  readonly search: PassageSearch;
  /** Less trusted passages are left out; `organisation` when nothing is said. */
  readonly minimumTrust?: Trust;
  /** More secret passages are left out; `internal` when nothing is said. */
  readonly highestSecrecy?: Secrecy;
  readonly adapter?: string;
  readonly timeoutMs?: number;
}

const searchInput = z.strictObject({
  query: z.string().min(1).max(2_000).describe('What to look for, in plain words.'),
  limit: z.int().min(1).max(20).default(5).describe('How many passages at most.'),
});

const searchOutput = z.strictObject({ passages: z.array(shownPassage) });
/** Whatever else the memory says of a passage, such as its score, is dropped. */
const withoutMore = z.object(shownPassage.shape);

/**
 * A tool that searches the organisation's memory. Each passage enters the log as it was shown, with its id, its digest and its
 * own labels, by which policy goes; a search that finds one outsider's text makes nothing else of it less trusted. What is
 * less trusted or more secret than the tool may show is left out, whatever the memory answers.
 */
export function searchTool(settings: SearchToolSettings): Tool {
  const { minimumTrust = 'organisation', highestSecrecy = 'internal' } = settings;
  return defineTool({
    name: settings.name,
    description: settings.description,
    effect: 'read',
    input: searchInput,
    output: searchOutput,
    roles: { query: 'content', limit: 'enum' },
    memoryScopes: [...settings.scopes],
    outputLabel: { trust: leastTrusted(minimumTrust, 'organisation'), secrecy: highestSecrecy, items: 'passages.*' },
    adapter: settings.adapter,
    timeoutMs: settings.timeoutMs ?? 5_000,
    retry: { attempts: 10, baseDelayMs: 250, maxDelayMs: 4_000 },
    concurrency: 32,
    async execute({ query, limit }, context) {
      const { passages } = await settings.search({ tenant: context.tenant, scopes: permittedScopes(settings.scopes, context), query, limit, minimumTrust, highestSecrecy }, context.signal).catch((cause: unknown) => {
        throw ToolError.notDone({ code: 'memory.unavailable', message: `The memory could not be searched: ${cause instanceof Error ? cause.message : String(cause)}`, remedy: 'Try again later.', cause });
      });
      const shown = passages.filter((passage) => isAtLeast(passage.trust, minimumTrust) && mostSecret(passage.secrecy, highestSecrecy) === highestSecrecy);
      return { passages: shown.map((passage) => withoutMore.parse(passage)) };
    },
  });
}
