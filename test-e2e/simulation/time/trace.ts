import { BEGINNING, type Timeline } from './timeline.ts';

/** The ordered log of everything that happened in a schedule: its digest tells two runs apart, its lines explain one. */
export class Trace {
  private high = 0x811c9dc5;
  private low = 0x1b873593;
  private readonly timeline: Timeline;
  private readonly kept: string[] | undefined;

  constructor(timeline: Timeline, keepLines: boolean) {
    this.timeline = timeline;
    this.kept = keepLines ? [] : undefined;
  }

  note(who: string, did: string, what: string): void {
    const elapsed = this.timeline.now - BEGINNING;
    this.kept?.push(`${elapsed.toFixed(3).padStart(10)} ${who} ${did} ${what}`);
    this.mix(Math.round(elapsed * 1_000));
    this.mixText(who);
    this.mixText(did);
    this.mixText(what);
  }

  get digest(): string {
    return [this.high, this.low].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
  }

  get lines(): readonly string[] {
    return this.kept ?? [];
  }

  private mixText(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.mix(text.charCodeAt(at));
  }

  /** FNV-1a beside a second, unlike hash: 64 bits are plenty to notice a difference, and nobody forges a trace. */
  private mix(value: number): void {
    this.high = Math.imul(this.high ^ value, 0x01000193);
    this.low = Math.imul(this.low + value, 0x85ebca6b) ^ (this.low >>> 13);
  }
}
