import { HoldfastError, type Catalog, type Digest } from '@holdfast/contracts';
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
}

/** What a reload did; after `refused` the last good bundle stays in force. */
export type ReloadOutcome =
  | { readonly status: 'unchanged'; readonly digest: Digest }
  | { readonly status: 'loaded'; readonly digest: Digest; readonly previous: Digest }
  | { readonly status: 'refused'; readonly digest: Digest; readonly error: HoldfastError };

/** The policies of a folder, read when opened and again on {@link PolicyFolder.reload}. */
export class PolicyFolder implements BundleProvider {
  private constructor(private readonly location: PolicyLocation, private bundle: PolicyBundle) {}

  /** Reads the folder for the first time. Throws a `HoldfastError`, since without a good bundle nothing can be decided. */
  static async open(location: PolicyLocation): Promise<PolicyFolder> {
    return new PolicyFolder(location, await read(location));
  }

  current(): PolicyBundle {
    return this.bundle;
  }

  /** Reads the folder and the catalog again. Never throws: a bad bundle is refused and told. */
  async reload(): Promise<ReloadOutcome> {
    const previous = this.bundle;
    try {
      const next = await read(this.location);
      this.bundle = next;
      return next.digest === previous.digest ? { status: 'unchanged', digest: next.digest } : { status: 'loaded', digest: next.digest, previous: previous.digest };
    } catch (cause) {
      const error = cause instanceof HoldfastError ? cause : unreadable(String(cause), cause);
      return { status: 'refused', digest: previous.digest, error };
    }
  }
}

async function read(location: PolicyLocation): Promise<PolicyBundle> {
  return loadBundle({ policies: await readPolicies(location.policies), catalog: location.catalog() });
}

function unreadable(message: string, cause: unknown): HoldfastError {
  return new HoldfastError({ code: 'policy.unreadable', message, retryable: false, remedy: 'Correct HOLDFAST_POLICIES or what it points at, and load again.', cause });
}
