import type { Proposal, RunEventOf } from '@holdfast/contracts';
import { summaryLabel } from '../labels.js';
import type { LiveState } from '../state/state.js';

/**
 * What a planner wants to have earlier steps shown as. One that reaches beyond what was shown, or not as far as an earlier one, is
 * passed over: the model is then shown what it was shown before. Its label is not the planner's to say.
 */
export function compacting(state: LiveState, { compaction, basis }: Proposal): readonly RunEventOf<'context-compacted'>[] {
  if (compaction === undefined || compaction.upTo >= basis || compaction.upTo <= (state.compacted ?? -1)) return [];
  return [{ type: 'context-compacted', ...compaction, label: summaryLabel(state, compaction.upTo) }];
}
