const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];
const month = MONTHS.map((name) => (name === 'may' ? name : `${name}|${name.slice(0, 3)}\\.?`)).join('|');
const written = new RegExp(String.raw`\b(?:(${month})\s+(\d{1,2})(?:st|nd|rd|th)?|(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(${month}))(?:,?\s+(\d{4}))?\b`, 'gu');

/** True for a calendar date, or a date and time, as ISO 8601 writes it. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2})?)?$/i.test(text);
}

/** The dates that a folded text mentions: `2024-05-15` where it says the year, `-05-15` where it does not. */
export function datesMentioned(text: string): readonly string[] {
  const iso = [...text.matchAll(/\b\d{4}-\d{2}-\d{2}\b/g)].map(([date]) => date);
  const named = [...text.matchAll(written)].map(([, first, dayAfter, dayBefore, second, year]) => {
    const at = MONTHS.findIndex((name) => name.startsWith((first ?? second ?? '').slice(0, 3))) + 1;
    return `${year ?? ''}-${String(at).padStart(2, '0')}-${(dayAfter ?? dayBefore ?? '').padStart(2, '0')}`;
  });
  return [...iso, ...named];
}
