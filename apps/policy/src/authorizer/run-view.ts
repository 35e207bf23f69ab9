import type { Digest, RecordedCommit, RunEventOf, RunKey } from '@holdfast/contracts';
import { OriginIndex } from '@holdfast/policy-engine';

/** Reads a run's commits in order, from the first. With `atLeast`, waits for or insists on commits up to that number. */
export interface RunReader {
  read(key: RunKey, atLeast?: number): Promise<readonly RecordedCommit[]>;
}

/** An approval as the log tells it: what was asked, and what was answered when. */
export interface ApprovalRecord {
  readonly requested: RunEventOf<'approval-requested'>;
  answered?: { readonly event: RunEventOf<'approval-answered'>; readonly at: number };
}

/** What policy needs to know of one run, folded from its commits. */
export class RunView {
  readonly index = new OriginIndex();
  readonly approvals = new Map<string, ApprovalRecord>();
  private readonly called = new Set<string>();
  accepted: RunEventOf<'task-accepted' | 'run-forked'> | undefined;
  ended = false;
  /** The number and hash of the last commit that was folded. */
  head = 0;
  hash: Digest | undefined;

  fold({ commit }: RecordedCommit): void {
    for (const event of commit.events) {
      this.index.add(event);
      if (event.type === 'task-accepted' || event.type === 'run-forked') this.accepted ??= event;
      else if (event.type === 'run-ended') this.ended = true;
      else if (event.type === 'tool-called') this.called.add(event.callId);
      // Once a call is out, a question about it asks whether its effect happened, which approves nothing.
      else if (event.type === 'approval-requested' && !this.called.has(event.callId)) this.approvals.set(event.approvalId, { requested: event });
      else if (event.type === 'approval-answered') {
        const record = this.approvals.get(event.approvalId);
        // The first answer stands.
        if (record !== undefined && record.requested.callId === event.callId) record.answered ??= { event, at: commit.at };
      }
    }
    this.head = commit.number;
    this.hash = commit.hash;
  }
}

/** Views of the runs that were asked about most recently, so that a long run is not folded anew for each call. */
export class RunViews {
  private readonly views = new Map<string, RunView>();

  constructor(private readonly reader: RunReader, private readonly limit = 512) {}

  async view(key: RunKey, atLeast?: number): Promise<RunView> {
    const commits = await this.reader.read(key, atLeast);
    const name = `${key.tenant}/${key.runId}`;
    const known = this.views.get(name);
    const view = known !== undefined && isContinuedBy(known, commits) ? known : new RunView();
    for (const recorded of commits) if (recorded.commit.number > view.head) view.fold(recorded);
    this.views.delete(name);
    this.views.set(name, view);
    const oldest = this.views.size > this.limit ? this.views.keys().next().value : undefined;
    if (oldest !== undefined) this.views.delete(oldest);
    return view;
  }
}

/** True when these commits hold the one that the view ends with; a view of another history must not answer for it. */
function isContinuedBy(view: RunView, commits: readonly RecordedCommit[]): boolean {
  return commits.some(({ commit }) => commit.number === view.head && commit.hash === view.hash);
}
