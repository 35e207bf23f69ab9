import { signal } from '@preact/signals';
import { answerOf, api } from '../api/client.js';
import type { RunFilter, RunSummary } from './filter.js';
import { RunList } from './run-list.js';

export const PAGE = 200;
/** Changes come in bursts; people read a few times a second. */
const TELL_MS = 150;

export interface Shown {
  readonly rows: readonly RunSummary[];
  readonly waiting: number;
  /** Older runs can be read. */
  readonly hasMore: boolean;
}

/** What a list of runs shows: pages as they are wanted, and changes as they come. */
export class RunsFeed {
  readonly shown = signal<Shown | undefined>(undefined);
  private list: RunList;
  private next: string | undefined;
  private reading: Promise<void> | undefined;
  private telling: ReturnType<typeof setTimeout> | undefined;
  /** Changes that came while the list was read; they are newer than it. */
  private meanwhile: RunSummary[] = [];
  private isHeld = false;
  private refreshes = 0;

  constructor(private readonly filter: RunFilter) {
    this.list = new RunList(filter);
  }

  /** Reads the list anew, as many rows as there were: what happened while nobody told us of it is in there. */
  async refresh(signal: AbortSignal): Promise<void> {
    this.refreshes += 1;
    const turn = this.refreshes;
    const wanted = this.shown.value?.rows.length ?? 0;
    const list = new RunList(this.filter);
    let [next, count] = await this.read(list, undefined, signal);
    while (count < wanted && next !== undefined) {
      const [further, added] = await this.read(list, next, signal);
      next = further;
      count += added;
    }
    // Another reading has begun since, which knows more.
    if (turn !== this.refreshes) return;
    this.list = list;
    this.next = next;
    for (const run of this.meanwhile.splice(0)) list.take(run);
    this.list.settle();
    this.tell();
  }

  /** Reads the next page, unless that is being done. */
  more(signal: AbortSignal): Promise<void> {
    this.reading ??= (async () => {
      try {
        if (this.next === undefined) return;
        const { list } = this;
        const [next] = await this.read(list, this.next, signal);
        if (this.list !== list) return;
        this.next = next;
        this.tell();
      } finally {
        this.reading = undefined;
      }
    })();
    return this.reading;
  }

  take(run: RunSummary): void {
    this.meanwhile.push(run);
    if (this.shown.value === undefined) return;
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      for (const one of this.meanwhile.splice(0)) this.list.take(one);
      this.tell();
    }, TELL_MS);
  }

  /** Rows keep their places while somebody reads further down. */
  hold(isHeld: boolean): void {
    if (this.isHeld === isHeld) return;
    this.isHeld = isHeld;
    if (!isHeld && this.list.waiting > 0) this.tell();
  }

  close(): void {
    clearTimeout(this.telling);
  }

  private tell(): void {
    if (!this.isHeld) this.list.settle();
    this.shown.value = { rows: this.list.rows, waiting: this.list.waiting, hasMore: this.next !== undefined };
  }

  private async read(list: RunList, cursor: string | undefined, signal: AbortSignal): Promise<[next: string | undefined, count: number]> {
    const { runs, next } = await answerOf(api.GET('/v1/runs', { params: { query: { ...this.filter, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } }, signal }));
    list.add(runs);
    return [next, runs.length];
  }
}
