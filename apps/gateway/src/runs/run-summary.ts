import { z } from 'zod';
import { instant, runId, toolName } from '@holdfast/contracts';
import { UNSETTLED, callsWith, isErased, type RunState } from '@holdfast/run';
import type { PublicView } from './public-event.js';

export const runStatus = z.enum(['running', 'waiting', 'paused', 'stopping', 'completed', 'failed', 'cancelled', 'erased', 'unreadable']);
export type RunStatus = z.infer<typeof runStatus>;

/** A run on one line of a list. Every text is cut and every list bounded. */
export const runSummary = z.object({
  runId,
  status: runStatus.describe('`waiting` means for a person; `stopping` that open calls are being accounted for; `erased` that what it said was erased with its data subject; `unreadable` that its history cannot be folded.'),
  phase: z.enum(['planning', 'acting', 'ended']),
  agent: z.string(),
  type: z.string(),
  source: z.string(),
  taskId: z.string(),
  goal: z.string(),
  steps: z.int().describe('Proposals accepted so far.'),
  commits: z.int(),
  openCalls: z.array(z.object({ callId: z.string(), tool: toolName, status: z.enum(['undispatched', 'awaiting-approval', 'called', 'waiting', 'parked', 'in-doubt']) })),
  approvalsWaiting: z.array(z.object({ approvalId: z.string(), callId: z.string(), expiresAt: instant })),
  answer: z.string().optional(),
  reason: z.string().optional(),
  startedAt: instant,
  changedAt: instant,
});
export type RunSummary = z.infer<typeof runSummary>;

const LONGEST_TEXT = 300;
const MOST_ITEMS = 32;

/** The summary of a folded run. */
export function summarise(run: string, state: RunState, startedAt: number, changedAt: number, view: PublicView): RunSummary {
  if (state.phase === 'unborn') throw new TypeError('a run without a commit has no summary');
  const approvalsWaiting = Object.values(state.approvals);
  return {
    runId: run,
    status: statusOf(state),
    phase: state.phase,
    agent: state.agent.name,
    type: state.task.type,
    source: state.task.source,
    taskId: state.task.id,
    goal: cut(view.scrubText(state.task.goal)),
    steps: state.steps,
    commits: state.head,
    openCalls: callsWith(state, ...UNSETTLED).slice(0, MOST_ITEMS).map(({ callId, tool, status }) => ({ callId, tool, status: status as RunSummary['openCalls'][number]['status'] })),
    approvalsWaiting: approvalsWaiting.slice(0, MOST_ITEMS).map(({ approvalId, callId, expiresAt }) => ({ approvalId, callId, expiresAt })),
    ...(state.phase === 'ended' && state.answer !== undefined ? { answer: cut(view.scrubText(state.answer)) } : {}),
    ...(reasonOf(state) === undefined ? {} : { reason: cut(view.scrubText(reasonOf(state) ?? '')) }),
    startedAt,
    changedAt,
  };
}

type Born = Exclude<RunState, { phase: 'unborn' }>;

/** How a run stands, for people. */
export function statusOf(state: Born): RunStatus {
  if (isErased(state)) return 'erased';
  if (state.phase === 'ended') return state.status;
  if (state.winding !== undefined) return 'stopping';
  if (state.paused) return 'paused';
  return Object.keys(state.approvals).length > 0 || callsWith(state, 'parked').length > 0 ? 'waiting' : 'running';
}

function reasonOf(state: Born): string | undefined {
  return state.phase === 'ended' ? state.reason : state.winding?.reason;
}

/** A text as long as a list shows it. */
export function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
}
