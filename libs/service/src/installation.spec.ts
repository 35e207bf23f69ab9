import { describe, expect, it } from '@jest/globals';
import type { StoredMessage } from '@holdfast/bus';
import { HoldfastError, type BrokerStatus } from '@holdfast/contracts';
import { checkInstallation, tellDurability } from './installation.js';

function listening() {
  const lines: { readonly level: string; readonly fields: unknown; readonly message: string }[] = [];
  const at = (level: string) => (fields: unknown, message?: string) => void lines.push({ level, fields, message: message ?? '' });
  return { lines, logger: { info: at('info'), warn: at('warn') } as never };
}

const holding = (text: string | undefined) => ({
  lastBySubject: async (): Promise<StoredMessage | undefined> => (text === undefined ? undefined : { subject: 'installation', sequence: 1, data: new TextEncoder().encode(text), header: () => undefined }),
});

describe('the check of the installation', () => {
  it('lets a service start whose partitions are those of the log', async () => {
    const { lines, logger } = listening();
    await checkInstallation(holding('{"partitions":8,"adapters":["default"]}'), 8, logger);
    expect(lines).toEqual([]);
  });

  it('refuses any other number, as a mistake in the settings', async () => {
    await expect(checkInstallation(holding('{"partitions":8,"adapters":[]}'), 4, listening().logger)).rejects.toMatchObject({ code: 'settings.partitions-differ', message: expect.stringContaining('4'), remedy: expect.stringContaining('8') });
  });

  it.each([{ what: 'nothing', text: undefined }, { what: 'nonsense', text: '{' }, { what: 'no number', text: '{"partitions":"many"}' }])('does not stop a service over a record that says $what', async ({ text }) => {
    await expect(checkInstallation(holding(text), 8, listening().logger)).resolves.toBeUndefined();
  });

  it('warns and goes on while the record cannot be read', async () => {
    const { lines, logger } = listening();
    const away = { lastBySubject: async () => Promise.reject(new HoldfastError({ code: 'bus.unavailable', message: 'No answer.', retryable: true, remedy: 'Wait.' })) };
    await checkInstallation(away, 8, logger);
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('run the installer') }]);
  });
});

describe('what a service tells of the broker\'s durability', () => {
  const server = (syncAlways: boolean | undefined): BrokerStatus => ({ server: { name: 'n', ver: '2.15.1', time: '2026-01-01T00:00:00Z' }, statsz: { jetstream: { config: { sync_always: syncAlways } } } });
  it.each([
    { durability: 'power', level: 'info', statuses: [server(true), server(true)] },
    { durability: 'process', level: 'warn', statuses: [server(true), server(undefined)] },
    { durability: 'unknown', level: 'warn', statuses: [] },
  ])('is $durability where $statuses.length servers answer', async ({ durability, level, statuses }) => {
    const { lines, logger } = listening();
    await tellDurability({ askAll: async () => statuses as never }, logger);
    expect(lines).toMatchObject([{ level, fields: { durability } }]);
  });
});
