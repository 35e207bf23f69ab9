import { z } from 'zod';
import { runId } from '@holdfast/contracts';

export const verificationFinding = z.object({
  check: z.enum(['chain', 'replay', 'checkpoint', 'verdict', 'dispatch', 'permit']),
  runId: runId.optional().describe('Absent where nobody can tell whose message it was.'),
  commit: z.int().optional(),
  partition: z.int().optional(),
  sequence: z.int().optional().describe('Where in the partition\'s stream.'),
  problem: z.string(),
  remedy: z.string().describe('What to do about it.'),
});
export type VerificationFinding = z.infer<typeof verificationFinding>;

const counts = {
  holds: z.boolean(),
  commits: z.int(),
  permits: z.object({ checked: z.int(), unchecked: z.int().describe('Those for which this gateway was given no keys.') }),
  checkpoints: z.int().describe('Those that are the state to which the commits before them fold.'),
  findings: z.array(verificationFinding),
};

export const runVerification = z.object({ runId, ...counts, erased: z.boolean().describe('The run says nothing any more: its chain was checked, and there is nothing else to check.') });
export type RunVerification = z.infer<typeof runVerification>;

export const verificationPage = z.object({
  ...counts,
  runs: z.int().describe('Runs of this tenant that begin in this part of the log, each checked to its end.'),
  erased: z.int(),
  position: z.object({ partition: z.int(), partitions: z.int(), sequence: z.int(), last: z.int() }).describe('How far the log was gone through: partitions one after the other, each up to its last sequence.'),
  next: z.string().optional().describe('The cursor of the next part; absent on the last.'),
});
export type VerificationPage = z.infer<typeof verificationPage>;
