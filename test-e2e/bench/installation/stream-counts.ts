import type { NatsConnection } from '@nats-io/transport-node';

/** One stream as the broker counts it. */
export interface StreamCount {
  readonly name: string;
  /** Messages ever stored, also those that are gone: the last sequence. */
  readonly stored: number;
  /** Of the messages that are there. */
  readonly messages: number;
  readonly bytes: number;
  /** False for a stream in memory, whose writes no disk has to confirm. */
  readonly durable: boolean;
}

interface StreamList {
  readonly streams?: readonly { readonly config: { readonly name: string; readonly storage: string }; readonly state: { readonly last_seq: number; readonly messages: number; readonly bytes: number } }[];
}

/** All streams of an installation, asked with the installer's connection. */
export async function countStreams(core: NatsConnection): Promise<readonly StreamCount[]> {
  const { streams = [] } = (await core.request('$JS.API.STREAM.LIST', '{}', { timeout: 10_000 })).json<StreamList>();
  return streams.map(({ config, state }) => ({ name: config.name, stored: state.last_seq, messages: state.messages, bytes: state.bytes, durable: config.storage === 'file' }));
}

/** Writes between two counts that had to be on disk before they were acknowledged. */
export interface Writes {
  /** Commits of the log: each is published and delivered to whoever acts next. */
  readonly commits: number;
  /** Claims and outcomes. */
  readonly effects: number;
  /** Tasks, inbox, timers and the rest. */
  readonly others: number;
  readonly all: number;
  /** Streams that were written to. */
  readonly streams: number;
  /** Mean bytes of a message of the log. */
  readonly commitBytes: number;
}

export function writesBetween(before: readonly StreamCount[], after: readonly StreamCount[]): Writes {
  const grown = after.filter(({ durable }) => durable).map((stream) => {
    const earlier = before.find(({ name }) => name === stream.name);
    return { name: stream.name, stored: stream.stored - (earlier?.stored ?? 0), bytes: stream.bytes - (earlier?.bytes ?? 0) };
  });
  const total = (belongs: (name: string) => boolean): number => grown.filter(({ name }) => belongs(name)).reduce((sum, { stored }) => sum + stored, 0);
  const isLog = (name: string): boolean => name.startsWith('LOG-');
  const isEffects = (name: string): boolean => name.startsWith('EFFECTS');
  const commits = total(isLog);
  const effects = total(isEffects);
  const all = total(() => true);
  const logBytes = grown.filter(({ name }) => isLog(name)).reduce((sum, { bytes }) => sum + bytes, 0);
  return { commits, effects, others: all - commits - effects, all, streams: grown.filter(({ stored }) => stored > 0).length, commitBytes: commits === 0 ? 0 : Math.round(logBytes / commits) };
}
