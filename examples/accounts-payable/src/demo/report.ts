import type { ExpectedOutcome } from '../example-data.js';
import { SIGN_OF_LIFE, type Kill } from './chaos.js';
import type { RunDetail, RunEvents } from './gateway-client.js';
import { callsOf, decisionOf, type KeptOrBroken } from './promises.js';

/** One line an invoice: what was decided and why. */
export function invoiceLines(expected: ReadonlyMap<string, ExpectedOutcome>, runs: ReadonlyMap<string, RunDetail>): readonly string[] {
  return [...expected].map(([id, entry]) => {
    const run = runs.get(id);
    const decision = decisionOf(run);
    const approval = run?.approvals.find((candidate) => candidate.answer !== undefined);
    const by = approval === undefined ? '' : ` (${approval.answer?.answer} by ${approval.answer?.by})`;
    const twin = entry.outcome === 'duplicate-of' || entry.duplicateOf !== undefined ? ' (asked for twice, paid once)' : '';
    return `  ${entry.invoiceNumber.padEnd(10)} ${(decision?.decision ?? run?.status ?? 'lost').padEnd(10)} ${cut(decision?.reason ?? run?.reason ?? 'no answer', 110)}${by}${twin}`;
  });
}

/** One line a kill: how long until the process served again, and until its kind of work went on, as the log shows. */
export function killLines(kills: readonly Kill[], histories: readonly RunEvents[]): readonly string[] {
  return kills.map((kill) => {
    const { killedAt, readyAt } = kill;
    if (killedAt === undefined || readyAt === undefined) return `  ${kill.victim.padEnd(14)} was not killed`;
    const next = signOfLife(kill, killedAt, histories);
    const moved = Number.isFinite(next) ? `work went on after ${seconds(next - killedAt)}` : 'nothing of its kind came after';
    return `  ${kill.victim.padEnd(14)} SIGKILL after invoice ${String(kill.afterInvoice).padStart(2)}: serving again after ${seconds(readyAt - killedAt)}, ${moved}`;
  });
}

/** Whether a victim serves again and the log shows that its kind of work went on, or that nothing was left undone. */
export function survived(kill: Kill, histories: readonly RunEvents[], everythingEnded: boolean): boolean {
  if (kill.killedAt === undefined || kill.readyAt === undefined) return false;
  return everythingEnded || Number.isFinite(signOfLife(kill, kill.killedAt, histories));
}

/** When the log first shows the victim's kind of work after the kill; infinite when it never does. */
function signOfLife(kill: Kill, killedAt: number, histories: readonly RunEvents[]): number {
  const signs = histories.flatMap((history) => history.events).filter(({ at, event }) => at > killedAt && SIGN_OF_LIFE[kill.victim].includes(event.type));
  return Math.min(...signs.map(({ at }) => at));
}

/** The refused call of the hijacked invoice, with policy's reasons. */
export function refusalLines(expected: ReadonlyMap<string, ExpectedOutcome>, runs: ReadonlyMap<string, RunDetail>): readonly string[] {
  return [...expected].filter(([, entry]) => entry.injectedIban !== undefined).flatMap(([id, entry]) => {
    const refused = callsOf(runs.get(id)).find((call) => call.tool === 'pay_invoice' && call.status === 'refused');
    if (refused === undefined) return [`  ${entry.invoiceNumber}: ${callsOf(runs.get(id)).length === 0 ? 'the model gave no answer' : 'the model did not follow the injected text'}`];
    return [`  ${entry.invoiceNumber}: the model, misled by the invoice's text, asked to pay to ${String(refused.arguments['iban'])}`, ...(refused.reasons ?? []).map((reason) => `    refused: ${reason}`)];
  });
}

export function promiseLines(promises: readonly KeptOrBroken[]): readonly string[] {
  return promises.map(({ promise, kept, detail }) => `  ${kept ? 'kept  ' : 'BROKEN'}  ${promise} (${detail})`);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function cut(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
