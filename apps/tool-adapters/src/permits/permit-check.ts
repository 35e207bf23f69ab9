import { HoldfastError, type PermitClaims } from '@holdfast/contracts';
import { permitKeys, verifyPermit, type ExpectedPermit, type PermitKeys } from '@holdfast/policy-engine';
import type { ToolLog } from '@holdfast/tool-sdk';
import { UsedPermits } from './used-permits.js';

/** The keys' text is looked at again so often at most, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

export interface PermitCheckSettings {
  /** The text of the present public keys: SPKI in PEM, or a JSON Web Key Set. */
  readonly readKeys: () => string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly logger: ToolLog;
}

/**
 * Verifies permits against keys that may be exchanged while calls are out. The keys are read again from time to time, and at
 * once when a permit names one that is not known; what cannot be read leaves the keys that were. A key that is
 * taken away is worth nothing from then on, so it stays in the set until the last permit that it signed is over.
 */
export class PermitCheck {
  private readonly used = new UsedPermits();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private looking: Promise<void> = Promise.resolve();

  private constructor(private readonly settings: PermitCheckSettings, private text: string, private keys: PermitKeys) {}

  /** Throws `permit.bad-key` where the first keys cannot be read: without them no call could be made. */
  static async open(settings: PermitCheckSettings): Promise<PermitCheck> {
    const text = settings.readKeys();
    return new PermitCheck(settings, text, await permitKeys(text));
  }

  /** Throws what {@link verifyPermit} throws, and `permit.replayed` for a permit with which another dispatch was made. */
  async verify(token: string, expected: ExpectedPermit & { readonly dispatch: number }): Promise<PermitClaims> {
    const now = this.settings.clock();
    if (now - this.lookedAt >= LOOK_AGAIN_MS) void this.lookAgain(now);
    // Nobody is judged by keys that are being replaced.
    await this.looking;
    const known = this.keys;
    let isUnknown = false;
    const keys: PermitKeys = (header) => {
      const key = known(header);
      isUnknown = key === undefined;
      return key;
    };
    const claims = await verifyPermit(token, keys, expected, now).catch(async (error: unknown) => {
      if (!isUnknown) throw error;
      await this.lookAgain(now);
      if (this.keys === known) throw error;
      return verifyPermit(token, this.keys, expected, now);
    });
    if (this.used.claim(token, expected.dispatch)) return claims;
    throw new HoldfastError({ code: 'permit.replayed', message: 'Another dispatch was made with this permit.', retryable: false, remedy: 'Do not run the call; find out who sent it again.' });
  }

  private lookAgain(now: number): Promise<void> {
    this.lookedAt = now;
    this.looking = this.looking.then(() => this.look());
    return this.looking;
  }

  private async look(): Promise<void> {
    try {
      const text = this.settings.readKeys();
      if (text === this.text) return;
      this.keys = await permitKeys(text);
      this.text = text;
      this.settings.logger.info({}, 'permits are verified with other keys from now on');
    } catch (error) {
      this.settings.logger.error({ err: error }, 'the public keys for permits cannot be read, and those that were read before count on');
    }
  }
}
