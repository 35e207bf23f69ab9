import { z } from 'zod';
import { EndsWith } from '../exit.js';
import { oneLine, show } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

const finding = z.looseObject({ check: z.string(), runId: z.string().optional(), commit: z.number().optional(), partition: z.number().optional(), sequence: z.number().optional(), problem: z.string(), remedy: z.string() });
type Finding = z.infer<typeof finding>;
const permits = z.object({ checked: z.number(), unchecked: z.number() });
const run = z.looseObject({ holds: z.boolean(), commits: z.number(), permits, checkpoints: z.number(), erased: z.boolean(), findings: z.array(finding) });
const part = z.looseObject({
  runs: z.number(), commits: z.number(), permits, checkpoints: z.number(), erased: z.number(), findings: z.array(finding),
  position: z.object({ partition: z.number(), partitions: z.number(), sequence: z.number(), last: z.number() }), next: z.string().optional(),
});

/** Findings that are listed; more are counted. */
const MOST_FINDINGS = 1_000;
const NOTED_EVERY = 20;

interface Report {
  holds: boolean;
  runs: number;
  erased: number;
  commits: number;
  checkpoints: number;
  readonly permits: { checked: number; unchecked: number };
  readonly findings: Finding[];
  /** Findings beyond those that are listed. */
  more: number;
}

/** Whether the log is sound. */
export const addVerifyCommand: AddCommands = (program, means) => {
  program.command('verify').description('Checks the log of a run, or of all runs: hashes, numbers and links; states and checkpoints, folded anew; a verdict before each call; the signature and binding of each permit. Ends with 1 where something is broken.')
    .argument('<run|all>').option('--from <cursor>', 'of all: where an earlier check was broken off').option('--json', 'as JSON')
    .action(async (what: string, { from, json }: { readonly from?: string; readonly json?: true }) => {
      const report = what === 'all' ? await verifyAll(means, from) : await verifyOne(means, what);
      show(means.terminal, json, report, () => reportText(report));
      if (!report.holds) throw new EndsWith('refused');
    });
};

async function verifyOne({ gateway }: Means, id: string): Promise<Report> {
  const { commits, permits: { checked, unchecked }, checkpoints, erased, findings, holds } = await gateway().get(`/v1/runs/${encodeURIComponent(id)}/verification`, run);
  return { holds, runs: 1, erased: erased ? 1 : 0, commits, checkpoints, permits: { checked, unchecked }, findings: [...findings], more: 0 };
}

async function verifyAll({ gateway, terminal }: Means, from: string | undefined): Promise<Report> {
  const report: Report = { holds: true, runs: 0, erased: 0, commits: 0, checkpoints: 0, permits: { checked: 0, unchecked: 0 }, findings: [], more: 0 };
  let cursor = from;
  for (let parts = 1; ; parts += 1) {
    const checked = await gateway().get(`/v1/verification${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`, part);
    report.runs += checked.runs;
    report.erased += checked.erased;
    report.commits += checked.commits;
    report.checkpoints += checked.checkpoints;
    report.permits.checked += checked.permits.checked;
    report.permits.unchecked += checked.permits.unchecked;
    const listed = checked.findings.slice(0, MOST_FINDINGS - report.findings.length);
    report.findings.push(...listed);
    report.more += checked.findings.length - listed.length;
    report.holds &&= checked.findings.length === 0;
    const { partition, partitions, sequence, last } = checked.position;
    if (parts % NOTED_EVERY === 0) terminal.note?.(`partition ${partition + 1} of ${partitions}, ${sequence} of ${last} commits; ${report.runs} runs checked, ${report.findings.length + report.more} findings${checked.next === undefined ? '' : `  (--from ${checked.next})`}`);
    if (checked.next === undefined) return report;
    cursor = checked.next;
  }
}

function reportText({ holds, runs, erased, commits, checkpoints, permits: { checked, unchecked }, findings, more }: Report): string {
  return [
    ...findings.map(({ check, runId, commit, partition, sequence, problem, remedy }) => {
      const place = [...(runId === undefined ? [] : [`run ${oneLine(runId)}`]), ...(commit === undefined ? [] : [`commit ${commit}`]), ...(sequence === undefined ? [] : [`LOG-${partition}, sequence ${sequence}`])].join(', ');
      return `BROKEN ${check}: ${place}: ${oneLine(problem, 400)}\n  What to do: ${oneLine(remedy, 400)}`;
    }),
    ...(more === 0 ? [] : [`and ${more} more`]),
    `${holds ? 'Sound' : 'NOT sound'}: ${runs} run${runs === 1 ? '' : 's'}, ${commits} commits, ${checkpoints} checkpoints, ${checked} permits${erased === 0 ? '' : `; ${erased} erased, of which the chain alone can be checked`}.`,
    ...(unchecked === 0 ? [] : [`${unchecked} permits were not checked: the gateway has no keys for them (HOLDFAST_PERMIT_PUBLIC_KEYS_FILE).`]),
  ].join('\n');
}
