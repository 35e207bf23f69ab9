import { HoldfastError, canonicalJson, type Commit, type RecordedCommit, type RunEvent, type RunEventOf } from '@holdfast/contracts';
import { argumentsDigest, verifyRecordedPermit, type PermitKeys } from '@holdfast/policy-engine';
import { checkpointOf, evolve, initialState, restoreCheckpoint, type RunState } from '@holdfast/run';
import type { VerificationFinding } from './verification.schema.js';

const RESTORE = 'Quarantine the run and compare the log with a backup; other runs are not affected.';
const INTRUDER = 'Only the orchestrator writes commits: find out who had its credentials, and issue new ones.';

/** What a run's commits say, checked. */
export interface CheckedRecord {
  readonly findings: readonly VerificationFinding[];
  /** Permits whose signature and binding hold; and those that nobody could check, for want of keys. */
  readonly permits: { readonly checked: number; readonly unchecked: number };
  /** Checkpoints that were compared with the folded state. */
  readonly checkpoints: number;
}

/**
 * Checks what the commits of one run say, beyond their hashes: that they fold to a state after each commit, and to the state of each
 * checkpoint; that every call follows an allowing verdict under the same policies and is sent once, and once more for each release;
 * and that its permit was signed by policy for exactly this call, its arguments, its contract and this dispatch. When a permit was
 * in force is the adapter's business: a late one is refused there, and the log says so.
 */
export function checkRecord(commits: readonly RecordedCommit[], keys: PermitKeys | undefined): CheckedRecord {
  const record = new Record(keys);
  for (const { commit } of commits) record.check(commit);
  return record;
}

class Record implements CheckedRecord {
  readonly findings: VerificationFinding[] = [];
  readonly permits = { checked: 0, unchecked: 0 };
  checkpoints = 0;
  private state: RunState | undefined = initialState;
  private readonly verdicts = new Map<string, RunEventOf<'policy-checked'>['verdict']>();
  private readonly out = new Set<string>();

  constructor(private readonly keys: PermitKeys | undefined) {}

  check(commit: Commit): void {
    for (const event of commit.events) this.checkEvent(event, commit);
    this.fold(commit);
  }

  private checkEvent(event: RunEvent, commit: Commit): void {
    if (event.type === 'policy-checked') this.verdicts.set(event.verdict.callId, event.verdict);
    if (event.type === 'call-released') this.out.delete(event.callId);
    if (event.type !== 'tool-called' && event.type !== 'wait-begun') return;
    const verdict = this.verdicts.get(event.callId);
    if (verdict?.outcome !== 'allow') this.report('verdict', commit, `call ${event.callId} of ${event.tool} was sent ${verdict === undefined ? 'without any verdict of policy' : `though policy said ${verdict.outcome}`}`, INTRUDER);
    if (this.out.has(event.callId)) this.report('dispatch', commit, `call ${event.callId} of ${event.tool} was sent twice`, INTRUDER);
    this.out.add(event.callId);
    if (event.type !== 'tool-called') return;
    if (verdict !== undefined && event.policyDigest !== undefined && event.policyDigest !== verdict.policyDigest) this.report('verdict', commit, `call ${event.callId} of ${event.tool} was sent under policies ${event.policyDigest}, and allowed by ${verdict.policyDigest}`, INTRUDER);
    this.checkPermit(event, commit);
  }

  private checkPermit({ callId, tool, contractDigest, policyDigest, permit, arguments: args }: RunEventOf<'tool-called'>, commit: Commit): void {
    if (this.keys === undefined) {
      this.permits.unchecked += 1;
      return;
    }
    try {
      verifyRecordedPermit(permit, this.keys, { tenant: commit.tenant, run: commit.runId, callId, tool, contractDigest, argumentsDigest: argumentsDigest(args), dispatch: commit.number, ...(policyDigest === undefined ? {} : { policyDigest }) });
      this.permits.checked += 1;
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      this.report('permit', commit, `call ${callId} of ${tool}: ${error.message} (${error.code})`, error.code === 'permit.key-unknown' ? error.remedy : INTRUDER);
    }
  }

  private fold(commit: Commit): void {
    if (this.state === undefined) return;
    try {
      this.state = evolve(this.state, commit);
    } catch (error) {
      this.state = undefined;
      this.report('replay', commit, `its events do not follow from the run's state: ${error instanceof Error ? error.message : String(error)}`, RESTORE);
      return;
    }
    // One that an earlier release wrote in another form says nothing that could be compared.
    if (commit.checkpoint === undefined || restoreCheckpoint(commit.checkpoint) === undefined) return;
    this.checkpoints += 1;
    const folded = JSON.parse(JSON.stringify(checkpointOf(this.state))) as unknown;
    if (canonicalJson(folded) !== canonicalJson(commit.checkpoint)) this.report('checkpoint', commit, 'its checkpoint is not the state to which the commits before it fold', RESTORE);
  }

  private report(check: VerificationFinding['check'], { runId, number }: Commit, problem: string, remedy: string): void {
    this.findings.push({ check, runId, commit: number, problem, remedy });
  }
}
