import type { Logger } from '@holdfast/observability';
import { PermitSigner, type PermitSubject } from './permit-signer.js';

/** The key's text is looked at again so often at most, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

/** Signs with the present private key, which may be exchanged while the service runs; one that cannot be read leaves the one that was. */
export class RotatingSigner {
  private lookedAt = Number.NEGATIVE_INFINITY;

  private constructor(private readonly readKey: () => Promise<string>, private readonly lifetimeSeconds: number, private readonly logger: Pick<Logger, 'error' | 'info'>, private text: string, private signer: PermitSigner) {}

  /** Throws `permit.bad-key` where the first key cannot be read. */
  static async open(readKey: () => Promise<string>, lifetimeSeconds: number, logger: Pick<Logger, 'error' | 'info'>): Promise<RotatingSigner> {
    const text = await readKey();
    return new RotatingSigner(readKey, lifetimeSeconds, logger, text, await PermitSigner.create(text, lifetimeSeconds));
  }

  async sign(subject: PermitSubject, now: number): Promise<string> {
    if (now - this.lookedAt >= LOOK_AGAIN_MS) await this.look(now);
    return this.signer.sign(subject, now);
  }

  private async look(now: number): Promise<void> {
    this.lookedAt = now;
    try {
      const text = await this.readKey();
      if (text === this.text) return;
      this.signer = await PermitSigner.create(text, this.lifetimeSeconds);
      this.text = text;
      this.logger.info({ key_id: this.signer.publicKeys.keys[0]?.['kid'] }, 'permits are signed with another key from now on');
    } catch (error) {
      this.logger.error({ err: error }, 'the private key for permits cannot be read, and the one that was read before counts on');
    }
  }
}
