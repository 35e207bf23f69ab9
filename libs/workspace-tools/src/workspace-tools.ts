import { CALL_IDENTITY, HoldfastError } from '@holdfast/contracts';
import { ToolError, defineTool, silentLog, type CallContext, type Tool } from '@holdfast/tool-sdk';
import { z } from 'zod';
import type { Output } from './children.js';
import { changeFile, readText } from './files.js';
import { missing, partsOf } from './paths.js';
import { requireFolder, requireSandbox, runConfined, type CommandLimits, type SandboxSettings } from './sandbox.js';
import { RunTrees, requireRepository } from './trees.js';

export interface WorkspaceSettings {
  readonly repository: string;
  readonly base: string;
  readonly folder: string;
  /** Programs that `run_command` may start, by their names; all that the sandbox has when left out. */
  readonly programs?: readonly string[];
  readonly readable?: readonly string[];
  readonly limits?: Partial<CommandLimits>;
  /**
   * What a lost worker means for a command. `idempotent` (the default) runs it again: its effects stay in the run's own tree,
   * where running a build or a test twice does no harm. `at-most-once` leaves it in doubt for a person.
   */
  readonly commandEffect?: 'idempotent' | 'at-most-once';
  readonly adapter?: string;
  /**
   * How long a run's tree is kept after its last call, in milliseconds; {@link DEFAULT_RETENTION_MS} when left out. A run that
   * calls later than that is refused. At least an hour, and four times a command's time.
   */
  readonly retentionMs?: number;
}

export const DEFAULT_RETENTION_MS = 7 * 24 * 3_600_000;
const LEAST_RETENTION_MS = 3_600_000;

export const DEFAULT_LIMITS: CommandLimits = { timeoutMs: 120_000, memoryBytes: 2 * 1024 ** 3, processes: 256, fileBytes: 64 * 1024 ** 2, outputBytes: 64 * 1024 };
/** `nobody` on most systems; used where we are root, whose processes the kernel does not count. */
const NOBODY = 65_534;

const path = z.string().min(1).max(1_024).describe('Below the root of the work tree, such as "src/main.ts".');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const printed = z.object({ text: z.string(), bytes: z.int(), sha256 });
const changed = z.object({ path: z.string(), sha256 });

/**
 * Tools for agents that work on code: each run has a git work tree of its own, confined to its directory. Throws
 * `workspace.repository-invalid`, `workspace.folder-invalid`, `workspace.retention-invalid`, and `workspace.no-sandbox` where
 * commands cannot be confined.
 */
export async function workspaceTools(settings: WorkspaceSettings): Promise<readonly Tool[]> {
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  const { retentionMs = DEFAULT_RETENTION_MS } = settings;
  const trees = new RunTrees({ repository: settings.repository, base: settings.base, folder: settings.folder, user, retentionMs });
  const sandbox: SandboxSettings = { limits: { ...DEFAULT_LIMITS, ...settings.limits }, readable: settings.readable ?? [], user };
  requireRetention(retentionMs, sandbox.limits);
  await requireRepository(trees, settings.repository, settings.base);
  for (const folder of sandbox.readable) await requireFolder(folder);
  await requireSandbox(sandbox, await trees.prepare());
  trees.sweepWhenDue(silentLog);
  return toolsOf(trees, sandbox, settings);
}

/** No tree may have its time while a call works in it. */
function requireRetention(retentionMs: number, { timeoutMs }: CommandLimits): void {
  const least = Math.max(LEAST_RETENTION_MS, 4 * timeoutMs);
  if (!(retentionMs >= least)) throw new HoldfastError({ code: 'workspace.retention-invalid', message: `Work trees cannot be kept for ${retentionMs} ms.`, retryable: false, remedy: `Keep them for at least ${least} ms.` });
}

function toolsOf(trees: RunTrees, sandbox: SandboxSettings, { programs, commandEffect = 'idempotent', adapter }: WorkspaceSettings): readonly Tool[] {
  const common = { outputLabel: { trust: 'third-party', secrecy: 'internal' }, confined: true, adapter, timeoutMs: 30_000, retry: { attempts: 3, baseDelayMs: 100, maxDelayMs: 1_000 }, concurrency: 8 } as const;
  const git = async (context: CallContext, args: readonly string[], fine: readonly number[] = [0]): Promise<Output> => {
    const { exitCode, timedOut, stdout, stderr } = await trees.git(await trees.treeOf(context), args, context.signal, common.timeoutMs);
    if (timedOut || !fine.includes(exitCode ?? -1)) throw ToolError.refused({ code: 'workspace.git-failed', message: timedOut ? 'git took too long.' : stderr.text.trim().slice(0, 500), remedy: 'Ask for less.' });
    return stdout;
  };
  /** One change of one file, which its operation key makes one however often it is tried. */
  const change = async (context: CallContext, file: string, base: string, apply: (text: string) => string): Promise<z.infer<typeof changed>> => {
    const key = context.operationKey ?? '';
    const after = await changeFile(await trees.treeOf(context), file, { base, apply, noted: await trees.noted(context, key), note: (digest) => trees.note(context, key, digest) }, sandbox.user);
    return { path: file, sha256: after.sha256 };
  };
  return [
    defineTool({
      ...common, name: 'read_file', description: 'Reads a text file of the work tree, or some of its lines. The SHA-256 is what an edit must be based on.', effect: 'read',
      input: z.strictObject({ path, firstLine: z.int().min(1).default(1), lines: z.int().min(1).max(5_000).default(2_000) }),
      output: z.object({ path: z.string(), text: z.string(), sha256, totalLines: z.int() }), roles: { path: 'target', firstLine: 'enum', lines: 'enum' },
      async execute(args, context) {
        const found = await readText(await trees.treeOf(context), args.path);
        if (found === undefined) throw missing(args.path);
        const all = found.text.split('\n');
        return { path: args.path, text: all.slice(args.firstLine - 1, args.firstLine - 1 + args.lines).join('\n'), sha256: found.sha256, totalLines: all.length };
      },
    }),
    defineTool({
      ...common, name: 'list_files', description: 'Lists the files of the work tree that git does not ignore, or those below a folder.', effect: 'read',
      input: z.strictObject({ below: path.optional() }), output: z.object({ files: z.array(z.string()), isCut: z.boolean() }), roles: { below: 'target' },
      async execute({ below }, context) {
        const listed = await git(context, ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...(below === undefined ? [] : [partsOf(below).join('/')])]);
        const files = listed.text.split('\0').filter((file) => file !== '');
        return { files: files.slice(0, 5_000), isCut: files.length > 5_000 || listed.bytes > Buffer.byteLength(listed.text) };
      },
    }),
    defineTool({
      ...common, name: 'search', description: 'Finds lines with a text or, if asked, an extended regular expression.', effect: 'read',
      input: z.strictObject({ pattern: z.string().min(1).max(1_000), isRegex: z.boolean().default(false), below: path.optional() }), output: z.object({ matches: printed }), roles: { pattern: 'content', isRegex: 'enum', below: 'target' },
      async execute({ pattern, isRegex, below }, context) {
        // Nothing found is 1, and no failure.
        return { matches: await git(context, ['grep', '-n', '-I', '--untracked', '--no-color', '--no-textconv', '--max-count=200', isRegex ? '-E' : '-F', '-e', pattern, '--', ...(below === undefined ? [] : [partsOf(below).join('/')])], [0, 1]) };
      },
    }),
    defineTool({
      ...common, name: 'show_changes', description: 'Shows what has changed in the work tree since its base.', effect: 'read', input: z.strictObject({}), output: z.object({ status: printed, difference: printed }), roles: {},
      async execute(_args, context) {
        return { status: await git(context, ['status', '--porcelain']), difference: await git(context, ['diff', '--no-color', '--no-ext-diff', '--no-textconv']) };
      },
    }),
    defineTool({
      ...common, name: 'edit_file', description: 'Replaces a text that occurs exactly once in a file by another.', effect: 'keyed', identity: [CALL_IDENTITY],
      input: z.strictObject({ path, sha256: sha256.describe('Of the content that the edit is based on, as read_file told it.'), oldText: z.string().min(1).max(200_000), newText: z.string().max(200_000) }),
      output: changed, roles: { path: 'target', sha256: 'enum', oldText: 'content', newText: 'content' },
      execute: (args, context) => change(context, args.path, args.sha256, (text) => {
        const at = text.indexOf(args.oldText);
        const times = at < 0 ? 'does not occur' : text.indexOf(args.oldText, at + 1) < 0 ? undefined : 'occurs more than once';
        if (times !== undefined) throw ToolError.refused({ code: 'workspace.edit-ambiguous', message: `The text to be replaced ${times} in "${args.path}".`, remedy: 'Give the text exactly as it stands there, with enough around it to be the only one.' });
        return text.slice(0, at) + args.newText + text.slice(at + args.oldText.length);
      }),
    }),
    defineTool({
      ...common, name: 'write_file', description: 'Writes a whole file: a new one, or in place of the content with this SHA-256.', effect: 'keyed', identity: [CALL_IDENTITY],
      input: z.strictObject({ path, base: z.union([z.literal('absent'), sha256]), text: z.string().max(1_000_000) }), output: changed, roles: { path: 'target', base: 'enum', text: 'content' },
      execute: (args, context) => change(context, args.path, args.base, () => args.text),
    }),
    defineTool({
      ...common, name: 'run_command', description: 'Runs a program in the work tree, without a shell and without network. Its output is cut in the middle when it is long.', effect: commandEffect, identity: [CALL_IDENTITY], concurrency: 2,
      timeoutMs: sandbox.limits.timeoutMs + 10_000,
      input: z.strictObject({ command: z.array(z.string().max(10_000)).min(1).max(100).describe('The program and its arguments.') }),
      output: z.object({ exitCode: z.int().nullable(), timedOut: z.boolean(), stdout: printed, stderr: printed }), roles: { command: 'content' },
      async execute({ command }, context) {
        const [program = ''] = command;
        if (programs !== undefined && !programs.includes(program)) throw ToolError.refused({ code: 'workspace.command-refused', message: `The program "${program.slice(0, 100)}" may not be run.`, remedy: `Use one of: ${programs.join(', ')}.` });
        return runConfined(sandbox, await trees.treeOf(context), command, context.signal);
      },
    }),
  ];
}

