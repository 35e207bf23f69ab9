import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '@holdfast/bus';
import type { DataKeys } from '@holdfast/data-keys';
import type { EventLog } from '@holdfast/event-log';
import { noMetrics, type Logger, type Telemetry } from '@holdfast/observability';
import { silentLog } from '@holdfast/tool-sdk';
import { toolAdapterSettings } from './settings.js';
import { ToolAdaptersModule } from './tool-adapters.module.js';

describe('the module of the tool adapters', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-adapters-')); });
  afterEach(() => rm(folder, { recursive: true }));

  it('closes its tools when it cannot start after they were loaded, and tells why it could not', async () => {
    const file = join(folder, 'tools.mjs');
    const closed = join(folder, 'closed');
    await writeFile(file, `import { writeFileSync } from 'node:fs'; export const tools = () => ({ tools: [], close: async () => writeFileSync(${JSON.stringify(closed)}, '') });`);
    const settings = toolAdapterSettings.parse({ NATS_URL: 'nats://127.0.0.1:4222', HOLDFAST_TOOLS: file, HOLDFAST_PERMIT_PUBLIC_KEYS_FILE: join(folder, 'no-keys.json') });
    const stop = (): void => undefined;
    const bus = { listen: () => stop, onReconnect: () => stop } as unknown as Bus;
    const module = new ToolAdaptersModule(bus, {} as EventLog, {} as DataKeys, silentLog as Logger, {} as Telemetry, noMetrics, settings);

    await expect(module.onApplicationBootstrap()).rejects.toMatchObject({ message: expect.stringContaining('no-keys.json') });
    expect(existsSync(closed)).toBe(true);
  });
});
