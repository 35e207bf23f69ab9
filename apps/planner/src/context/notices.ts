import type { RunEventOf } from '@holdfast/contracts';

/** What the model is told of a budget that runs out, or of going in circles. */
export function noticeText({ about, used, limit, detail = '' }: RunEventOf<'notice-given'>): string {
  if (about === 'answer') return `Your answer does not have the form that it must have: ${detail}. Give it again, as JSON alone.`;
  if (about === 'plan') return `Your plan cannot be taken: ${detail}.`;
  if (about === 'repetition') return `You have now done the same ${used} times one after the other, with the same result each time. Do something else, or give your answer with what you know: at ${limit} times the run is ended.`;
  const [isUsed, what] = { steps: [`${used}`, `${limit} steps`], tokens: [`${used}`, `${limit} tokens`], cost: [inUnits(used), `${inUnits(limit)} for models`], time: [`${used}`, `${limit} seconds`] }[about];
  return used < limit
    ? `You have used ${isUsed} of ${what}. Come to an end within what is left.`
    : `You have used ${isUsed} of ${what}, and nothing is left. Give your answer now, with what you know and what is not done: any further call ends the run without one.`;
}

const inUnits = (micros: number): string => String(micros / 1_000_000);
