import { canaryEnd, canaryEvidence, canaryVerdict, canaryWord, declaredCanary, type CanaryEnd, type CanaryVerdict, type CanaryWord, type DeclaredCanary, type EvidencePoint } from '@holdfast/contracts';

/** A canary as its records tell it. */
export interface Canary {
  readonly declared: DeclaredCanary;
  readonly words: readonly CanaryWord[];
  readonly points: readonly EvidencePoint[];
  readonly verdict?: CanaryVerdict;
  readonly end?: CanaryEnd;
  /** Sequences of the last word and of the last evidence (0: none): whoever adds to them says which they have seen. */
  readonly lastWord: number;
  readonly lastEvidence: number;
}

/** The stream CANARIES, folded message by message. */
export class CanaryRecords {
  private readonly known = new Map<string, Canary>();
  /** The sequence of the last message that was folded. */
  head = 0;

  /** Throws what cannot be read, once: the message is left behind. */
  fold(subject: string, value: unknown, sequence: number): void {
    if (sequence <= this.head) return;
    this.head = sequence;
    const [, id = '', kind] = subject.split('.');
    if (kind === 'declared') {
      const declared = declaredCanary.parse(value);
      // Subject and content name the same canary, or a reader would take one for the other.
      if (declared.declaration.id === id && !this.known.has(id)) this.known.set(id, { declared, words: [], points: [], lastWord: 0, lastEvidence: 0 });
      return;
    }
    const canary = this.known.get(id);
    if (canary !== undefined) this.known.set(id, folded(canary, kind, value, sequence));
  }

  get all(): readonly Canary[] {
    return [...this.known.values()];
  }

  find(id: string): Canary | undefined {
    return this.known.get(id);
  }
}

function folded(canary: Canary, kind: string | undefined, value: unknown, sequence: number): Canary {
  switch (kind) {
    case 'word': return { ...canary, words: [...canary.words, canaryWord.parse(value)], lastWord: sequence };
    case 'evidence': {
      const last = canary.points.at(-1)?.pairs ?? 0;
      return { ...canary, points: [...canary.points, ...canaryEvidence.parse(value).points.filter(({ pairs }) => pairs > last)], lastEvidence: sequence };
    }
    case 'verdict': return { ...canary, verdict: canary.verdict ?? canaryVerdict.parse(value) };
    case 'ended': return { ...canary, end: canary.end ?? canaryEnd.parse(value) };
    default: return canary;
  }
}

/** True after somebody said so, until somebody resumes it. */
export function isPaused({ words }: Canary): boolean {
  return words.findLast(({ word }) => word === 'pause' || word === 'resume')?.word === 'pause';
}
