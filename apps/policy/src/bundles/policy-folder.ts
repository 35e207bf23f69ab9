import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError, canonicalJson, type Catalog, type Digest } from '@holdfast/contracts';
import { loadBundle, readPolicies, type PolicyBundle } from '@holdfast/policy-engine';

/** Who decides by which policies now. */
export interface BundleProvider {
  current(): PolicyBundle;
}

export interface PolicyLocation {
  /** A folder; each of its `.cedar` files is a policy file, and subfolders are not read. */
  readonly policies: string;
  /** The catalogue as it counts now: contracts change when people accept others. */
  readonly catalog: () => Catalog;
  /** The deployment's name, such as `production`. */
  readonly environment: string;
  /** How the folder is read; every `.cedar` file and the rules on approvals when left out. */
  readonly read?: (folder: string) => Promise<Files>;
}

/** What a reload did; after `refused` the last good bundle stays in force. */
export type ReloadOutcome =
  | { readonly status: 'unchanged'; readonly digest: Digest }
  | { readonly status: 'loaded'; readonly digest: Digest; readonly previous: Digest }
  | { readonly status: 'refused'; readonly digest: Digest; readonly error: HoldfastError };

/** The policies of a folder, read when opened, on {@link PolicyFolder.reload}, and while they are watched whenever a file has changed. */
export class PolicyFolder implements BundleProvider {
  /** What was read last, good or bad. */
  private seen: string;

  private constructor(private readonly location: PolicyLocation, private bundle: PolicyBundle, files: Files) {
    this.seen = canonicalJson(files);
  }

  /** Reads the folder for the first time. Throws a `HoldfastError`, since without a good bundle nothing can be decided. */
  static async open(location: PolicyLocation): Promise<PolicyFolder> {
    const files = await (location.read ?? readPolicies)(location.policies);
    return new PolicyFolder(location, bundleOf(location, files), files);
  }

  current(): PolicyBundle {
    return this.bundle;
  }

  /**
   * Looks at the files again and again and takes those that have changed; each change is told once, also a bad one. Questions that
   * are being answered go on under the bundle that they began with. Files are compared by what they hold, since a
   * mounted folder may be exchanged without any time of a file changing.
   *
   * A change is taken once two looks have found the very same: whoever writes files in place is half-way through at some
   * moment, and half a file may well parse, with the `forbid` that was to follow still missing.
   */
  watch(everyMs: number, onOutcome: (outcome: ReloadOutcome) => void): { stop(): void } {
    const ended = new AbortController();
    const look = async (): Promise<void> => {
      let before: string | undefined;
      while (!ended.signal.aborted) {
        await sleep(everyMs, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
        if (ended.signal.aborted) return;
        const found = await this.read();
        const held = contentOf(found);
        if (held !== this.seen && held === before) onOutcome(this.take(found));
        before = held;
      }
    };
    void look();
    return { stop: () => ended.abort() };
  }

  /** Reads the folder and the catalog again. Never throws: a bad bundle is refused and told. */
  async reload(): Promise<ReloadOutcome> {
    return this.take(await this.read());
  }

  private read(): Promise<Files | HoldfastError> {
    return (this.location.read ?? readPolicies)(this.location.policies).catch((cause: unknown) => problemOf(cause));
  }

  private take(found: Files | HoldfastError): ReloadOutcome {
    const previous = this.bundle;
    this.seen = contentOf(found);
    try {
      if (found instanceof HoldfastError) throw found;
      const next = bundleOf(this.location, found);
      this.bundle = next;
      return next.digest === previous.digest ? { status: 'unchanged', digest: next.digest } : { status: 'loaded', digest: next.digest, previous: previous.digest };
    } catch (cause) {
      return { status: 'refused', digest: previous.digest, error: problemOf(cause) };
    }
  }
}

type Files = Readonly<Record<string, string>>;

function bundleOf({ catalog, environment }: PolicyLocation, policies: Files): PolicyBundle {
  return loadBundle({ policies, catalog: catalog(), environment });
}

/** What two looks are compared by; nothing that can be read is empty. */
function contentOf(found: Files | HoldfastError): string {
  return found instanceof HoldfastError ? '' : canonicalJson(found);
}

function problemOf(cause: unknown): HoldfastError {
  if (cause instanceof HoldfastError) return cause;
  return new HoldfastError({ code: 'policy.unreadable', message: String(cause), retryable: false, remedy: 'Correct HOLDFAST_POLICIES or what it points at, and load again.', cause });
}
