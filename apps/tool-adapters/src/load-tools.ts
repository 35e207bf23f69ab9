import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HoldfastError } from '@holdfast/contracts';
import { joinToolSets, type ToolEnvironment, type ToolModule, type ToolSet } from '@holdfast/tool-sdk';

/**
 * Loads the module that `file` names and makes its tools. Throws `settings.tools-unreadable` when there is no such module,
 * and whatever its `tools` throws.
 */
export async function loadTools(file: string, environment: ToolEnvironment): Promise<ToolSet> {
  let module: ToolModule;
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as ToolModule;
  } catch (cause) {
    throw new HoldfastError({ code: 'settings.tools-unreadable', message: `HOLDFAST_TOOLS names "${file}", which cannot be loaded: ${String(cause)}`, retryable: false, remedy: 'Build the module or correct the path.', cause });
  }
  return joinToolSets(await module.tools(environment));
}
