import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HoldfastError } from '@holdfast/contracts';
import type { Tool, ToolEnvironment, ToolModule } from '@holdfast/tool-sdk';

export interface LoadedTools {
  readonly tools: readonly Tool[];
  /** Gives up what the tools hold; nothing where the module has no `close`. */
  close(): Promise<void>;
}

/**
 * Loads the module that `file` names and makes its tools. Throws `settings.tools-unreadable` when there is no such module,
 * and whatever its `tools` throws, after its `close`: some connections may be open when a later one fails.
 */
export async function loadTools(file: string, environment: ToolEnvironment): Promise<LoadedTools> {
  let module: ToolModule;
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as ToolModule;
  } catch (cause) {
    throw new HoldfastError({ code: 'settings.tools-unreadable', message: `HOLDFAST_TOOLS names "${file}", which cannot be loaded: ${String(cause)}`, retryable: false, remedy: 'Build the module or correct the path.', cause });
  }
  const close = async (): Promise<void> => { await module.close?.(); };
  try {
    return { tools: await module.tools(environment), close };
  } catch (error) {
    // The reason why the tools cannot be made is what the operator needs, not that closing failed as well.
    await close().catch(() => undefined);
    throw error;
  }
}
