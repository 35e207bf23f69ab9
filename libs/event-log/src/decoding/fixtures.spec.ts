import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ZERO_HASH, runEvent, type RecordedCommit } from '@holdfast/contracts';
import { findBreak, hashOf } from '../chain.js';
import { decodeCommit, upcastCommit, writtenOf, type WrittenCommit } from './decode.js';
import { CURRENT_VERSIONS, UPCASTERS, upcast, versionOf, type Upcaster, type WrittenEvent } from './upcasters.js';

/** One file for each event type and version that any release ever wrote. A file that was released is never changed. */
const FOLDER = join(import.meta.dirname, '../../fixtures/events');

interface Example {
  /** As a release wrote it. */
  readonly written: WrittenEvent;
  /** As this release reads it. */
  readonly decoded: WrittenEvent;
}

const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
const examplesOf = (name: string): readonly Example[] => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Example[];
const examples = files.flatMap((name) => examplesOf(name).map((example, index) => ({ name, index, example })));

describe('the events that were ever written', () => {
  it('have a fixture for every type and version that this release writes, and for every one that an upcaster takes', () => {
    const wanted = [...[...CURRENT_VERSIONS].map(([type, version]) => `${type}@${version}`), ...UPCASTERS.keys()];
    expect(wanted.filter((name) => !files.includes(name)).map((name) => `add libs/event-log/fixtures/events/${name}.json`)).toEqual([]);
  });

  it('have no fixture that nothing would read', () => {
    const read = new Set([...[...CURRENT_VERSIONS].map(([type, version]) => `${type}@${version}`), ...UPCASTERS.keys()]);
    expect(files.filter((name) => !read.has(name))).toEqual([]);
  });

  it.each(examples)('are read as their golden form: $name, example $index', ({ name, example }) => {
    expect(`${String(example.written['type'])}@${versionOf(example.written)}`).toBe(name);
    const decoded = runEvent.parse(upcast(example.written, 'a fixture'));
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(example.decoded);
  });
});

/** For demonstration: a release that never was called a fired timer by another name and counted in seconds. */
const demonstration = new Map<string, Upcaster>([
  ['timer-rang@1', ({ timer, seconds }) => ({ type: 'timer-rang', v: 2, timerId: timer, ms: Number(seconds) * 1_000 })],
  ['timer-rang@2', ({ timerId }) => ({ type: 'timer-fired', timerId })],
]);

function written(events: readonly WrittenEvent[]): WrittenCommit {
  const body = { format: 1, tenant: 'acme', runId: 'run-1', number: 1, previousHash: ZERO_HASH, at: 1, cause: { kind: 'timer', id: 't' }, route: 'wait', events, pointers: [] };
  return { ...body, hash: hashOf(body) };
}

describe('an upcaster', () => {
  it('brings an old event to the present form, version by version', () => {
    const commit = upcastCommit(written([{ type: 'timer-rang', timer: 't-1', seconds: 3 }]), 'LOG-0, sequence 1', demonstration);
    expect(commit.events).toEqual([{ type: 'timer-fired', timerId: 't-1' }]);
  });

  it('leaves what was written untouched for whoever checks the chain', () => {
    const stored = written([{ type: 'timer-rang', timer: 't-1', seconds: 3 }]);
    const commit = upcastCommit(stored, 'LOG-0, sequence 1', demonstration);
    const recorded: RecordedCommit = { commit, sequence: 1 };
    expect(writtenOf(commit)).toBe(stored);
    expect(findBreak([recorded])).toBeUndefined();
    expect(findBreak([{ ...recorded, commit: { ...commit, events: [{ type: 'timer-fired', timerId: 't-2' }] } }])).toMatchObject({ number: 1 });
  });

  it('that leads in a circle stops the run and not the process', () => {
    const circle = new Map<string, Upcaster>([['a@1', () => ({ type: 'b' })], ['b@1', () => ({ type: 'a' })]]);
    expect(() => upcast({ type: 'a' }, 'LOG-0, sequence 1', circle)).toThrow(expect.objectContaining({ code: 'log.event-unknown' }) as never);
  });
});

describe('an event of a later release', () => {
  it.each([{ type: 'timer-fired', v: 99, timerId: 't' }, { type: 'heard-of-never' }])('stops its run, names the place and asks for an upgrade: $type', (event) => {
    expect(() => decodeCommit(JSON.stringify(written([event])), 'LOG-0, sequence 7 (log.0.acme.run-1.wait)')).toThrow(expect.objectContaining({
      code: 'log.event-unknown', retryable: false, message: expect.stringContaining('acme.run-1'), remedy: expect.stringContaining('Upgrade'),
    }) as never);
  });
});
