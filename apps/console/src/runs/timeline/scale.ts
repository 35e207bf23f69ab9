/** A stretch of time, in milliseconds since 1970. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where an instant stands in a range, in percent; what is before or after it stands at its edge. */
export function placeOf(at: number, { start, end }: Range): number {
  return end <= start ? 0 : Math.min(Math.max(((at - start) / (end - start)) * 100, 0), 100);
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 604_800_000];

/** Round instants in a range, counted from `origin`, about as many as there is room for. */
export function ticks(range: Range, origin: number, wanted: number): readonly number[] {
  const step = STEPS.find((one) => (range.end - range.start) / one <= wanted) ?? 2_592_000_000;
  const first = Math.ceil((range.start - origin) / step) * step;
  return Array.from({ length: wanted + 1 }, (_, index) => first + index * step).filter((offset) => origin + offset <= range.end);
}

/** The time of rows, with a little room; a range of no length would put everything at one place. */
export function rangeOf(spans: readonly { readonly start: number; readonly end: number | undefined }[], now: number): Range {
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.end ?? Math.max(now, span.start)));
  return { start, end: Math.max(end, start + 10) + (end - start) * 0.02 };
}
