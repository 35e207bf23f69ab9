/** How many fixed bets share the stake. Twice or four times as many found harm no sooner in simulations (docs/canaries.md). */
const BETS = 10;
/** The whole capital is brought back to 1 when it falls below this, or rises above its inverse. */
const LEAST = 1e-100;

/**
 * An e-process against the claim that differences D₁, D₂, … from −1 to 1 have a mean of at most `bound` (−1 < bound < 1), each
 * given those before it. A stake of 1 is divided among J bets of fixed size, and what is left of it after t differences is
 *
 *     K_t = (1/J) Σ_j Π_{s≤t} (1 + λ_j (D_s − bound)),   λ_j = j / (J + 1) · 1 / (1 + bound),   j = 1 … J
 *
 * No factor is below 0, and under the claim none has an expectation above 1, so K is a nonnegative supermartingale that begins
 * at 1, and by Ville's inequality P(K_t ≥ 1/α for any t) ≤ α: it may be looked at after every difference. Betting on bounded
 * means: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024), section 4. Dividing
 * a stake among fixed bets instead of predicting one is the universal portfolio of Cover (1991): it lags the best of the bets,
 * chosen in hindsight, by at most ln J, and it does not depend on the order of the differences.
 */
export class Bets {
  private readonly sizes: readonly number[];
  /** What each bet has made of its part, divided by `scale`. */
  private readonly capitals: Float64Array;
  /** A natural logarithm: capitals are products, which would leave a number's range after some thousands of differences. */
  private scale = 0;

  constructor(private readonly bound: number) {
    this.sizes = Array.from({ length: BETS }, (_, at) => (at + 1) / (BETS + 1) / (1 + bound));
    this.capitals = new Float64Array(BETS).fill(1 / BETS);
  }

  /** `difference` is from −1 to 1; anything else is a defect of the caller, since the guarantee rests on it. */
  add(difference: number): void {
    if (!(difference >= -1 && difference <= 1)) throw new RangeError(`a difference of ${difference} is not from -1 to 1`);
    let sum = 0;
    for (let at = 0; at < BETS; at += 1) sum += this.capitals[at] = (this.capitals[at] ?? 0) * (1 + (this.sizes[at] ?? 0) * (difference - this.bound));
    if (sum > LEAST && sum < 1 / LEAST) return;
    this.scale += Math.log(sum);
    for (let at = 0; at < BETS; at += 1) this.capitals[at] = (this.capitals[at] ?? 0) / sum;
  }

  /** ln K: the natural logarithm of the evidence. */
  get evidence(): number {
    let sum = 0;
    for (const capital of this.capitals) sum += capital;
    return this.scale + Math.log(sum);
  }
}
