import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { commit as commitSchema, runEvent, type Commit, type RunEvent } from '@holdfast/contracts';
import { decodeCommit, findBreak } from '@holdfast/event-log';
import { decide, evolve, fold, initialState, type RunState } from '@holdfast/run';
import type { GoldenHistory } from './history.ts';
import { sinceRelease } from './since-release.ts';

const folder = import.meta.dirname;
const releases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && /^(current|\d)/.test(entry.name)).map((entry) => entry.name);
const historiesOf = (release: string): GoldenHistory[] => readdirSync(join(folder, release)).sort().map((file) => JSON.parse(readFileSync(join(folder, release, file), 'utf8')) as GoldenHistory);

/** What is left after JSON: members that are undefined are absent. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The commits as the log gives them back to this release, upcast where that release wrote older events. */
const readBack = ({ commits }: GoldenHistory): Commit[] => commits.map((commit) => decodeCommit(JSON.stringify(commit), `commit ${commit.number}`));

describe.each(releases)('the histories of release %s', (release) => {
  const histories = historiesOf(release);
  const changes = sinceRelease[release] ?? {};

  it('are runs of that release, and no two tell the same', () => {
    expect(histories.every((history) => history.release === release)).toBe(true);
    expect(new Set(histories.map(({ scenario }) => scenario)).size).toBe(histories.length);
  });

  it.each(histories.map((history) => [history.scenario, history] as const))('%s: the chain holds, and this release reads every commit', (_name, history) => {
    expect(findBreak(history.commits.map((commit, index) => ({ commit, sequence: index + 1 })))).toBeUndefined();
    for (const commit of readBack(history)) expect(() => commitSchema.parse(commit)).not.toThrow();
  });

  it.each(histories.map((history) => [history.scenario, history] as const))('%s: what is decided on the recorded facts is what was recorded', (name, history) => {
    const commits = readBack(history);
    const expected = changes.decisions?.[name];
    let state: RunState = initialState;
    let written = 0;
    for (const [index, step] of history.steps.entries()) {
      const decision = decide(state, step.input);
      const recorded = commits.slice(written, written + (step.wrote ?? 0));
      const place = `step ${index}: ${step.input.fact.kind}`;
      const deviation = expected?.[index];
      if (deviation === undefined) {
        expect([place, decision.kind, decision.kind === 'refused' ? decision.code : undefined]).toEqual([place, step.decided, step.code]);
        const { event: known = (event: RunEvent): RunEvent => event } = changes;
        const drafts = [...recorded.map(({ cause, route, events, at }) => ({ cause, route, events, at })), ...(step.unwritten ?? [])];
        if (decision.kind === 'commit') expect(plain(decision.drafts.map((draft) => ({ ...draft, events: draft.events.filter(({ type }) => changes.events?.includes(type) ?? true).map(known) })))).toEqual(drafts);
      } else {
        expect([place, decision.kind]).toEqual([place, deviation.decided]);
        expect(deviation.because).not.toBe('');
      }
      for (const commit of recorded) state = evolve(state, commit);
      written += recorded.length;
    }
    expect(written).toBe(commits.length);
  });

  it.each(histories.map((history) => [history.scenario, history] as const))('%s: the recorded commits fold to the recorded state', (_name, history) => {
    const upcast = changes.state ?? ((state: RunState) => state);
    const folded: object = fold(readBack(history), initialState);
    const known = Object.fromEntries(Object.entries(folded).filter(([member]) => !(changes.added ?? []).some((added) => added === member)));
    expect(plain(known)).toEqual(plain(upcast(history.state, history.commits)));
  });
});

it('the histories of each release hold every event that it could write', () => {
  const written = (release: string): Set<string> => new Set(historiesOf(release).flatMap(({ commits }) => commits.flatMap(({ events }) => events.map((event) => event.type))));
  // What readers are given in the place of what was erased is never written.
  const all = runEvent.options.map((option) => option.shape.type.value).filter((type) => type !== 'content-erased');
  for (const release of releases) expect([...written(release)].sort()).toEqual(sinceRelease[release]?.events?.toSorted() ?? all.toSorted());
});
