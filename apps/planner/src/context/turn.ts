import type { ModelMessage } from 'ai';
import type { Worth } from './worth.js';

/** Something that happened in a run, as messages: the task, a decision with its results, a signal. */
export interface Turn {
  readonly messages: readonly ModelMessage[];
  /** Of its one message, or of the results of a decision, in their order; what the model itself wrote is not among them. */
  readonly worths: (Worth | undefined)[];
  readonly isDecision: boolean;
  /** The commit in which it began; 0 for what a forked run goes on with. */
  began: number;
  /** Calls without a final result. Once there are none, the turn never changes again. */
  open: number;
  tokens: number;
}

/** A turn as it is shown. */
export type Shown = Pick<Turn, 'messages' | 'worths' | 'isDecision'>;

/** A token is about four characters of English and less of most else; the window only has to be near. */
export const CHARACTERS_PER_TOKEN = 4;
