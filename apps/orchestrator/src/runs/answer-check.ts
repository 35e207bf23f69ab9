import type { AgentDeclaration } from '@holdfast/contracts';
import { compileCheck, type Check } from '@holdfast/json-schema';
import { LRUCache } from 'lru-cache';

/** Versions whose compiled schemas are kept. */
const REMEMBERED = 256;
const LONGEST_REASON = 1_500;

/** Judges final answers by the output schemas of agents. */
export class AnswerCheck {
  private readonly checks = new LRUCache<string, Check>({ max: REMEMBERED });

  /** Why the answer is not what the agent's declaration says; undefined where it is, or may be any text. */
  misfitOf({ name, digest, outputSchema }: AgentDeclaration, answer: string): string | undefined {
    if (outputSchema === undefined) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(answer);
    } catch {
      return 'it is not JSON';
    }
    const check = this.checks.get(digest) ?? compileCheck(outputSchema, `the answers of ${name}`);
    this.checks.set(digest, check);
    const checked = check(value);
    return checked.ok ? undefined : checked.faults.join('; ').slice(0, LONGEST_REASON);
  }
}
