import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RunEvent, RunEventOf } from '@holdfast/contracts';
import { InMemoryEventLog } from '@holdfast/event-log';
import { PERMIT_ISSUER, argumentsDigest, permitKeys, publicPermitKey, signPermit, type PermitKeys } from '@holdfast/policy-engine';
import { checkpointOf, fold, initialState } from '@holdfast/run';
import { altered, damage, garbled, missing, swapped, type Damage } from '../runs/damaged-log.fixture.js';
import { accepted, append, called, decided, ended, judged, key, returned } from '../runs/run.fixture.js';
import { runVerification, verificationPage } from './verification.schema.js';
import { verifyOne, verifyPart } from './verification.js';

const run = key('run-1');
const pay = { iban: 'DE02100100100006820101', amount: 1200 };
const policy = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const { kid } = publicPermitKey(policy.publicKey);
const DIGEST = 'b'.repeat(64);
let log: InMemoryEventLog;
let keys: PermitKeys;

function permitted(callId: string, given: Record<string, unknown> = pay, { signer = policy.privateKey, args = given, runId = 'run-1', key: named = kid } = {}): RunEventOf<'tool-called'> {
  const claims = { iss: PERMIT_ISSUER as 'holdfast-policy', jti: callId, tenant: 'acme', run: runId, tool: 'pay', contractDigest: 'c'.repeat(64), argumentsDigest: argumentsDigest(args), policyDigest: DIGEST, iat: 1_700_000_000, exp: 1_700_000_900, after: 1 };
  return { ...called(callId, 'pay', given), policyDigest: DIGEST, permit: signPermit(claims, named, signer) };
}

/** Commit 1: accepted. 2: called. 3: returned, with a checkpoint. 4: ended. */
async function write(call: readonly RunEvent[] = [judged('c1-1', 'pay', 'allow', 'ok'), permitted('c1-1')], falseCheckpoint = false): Promise<void> {
  await append(log, run, 'plan', [accepted()]);
  await append(log, run, 'call.default', [decided(1, [{ tool: 'pay', arguments: pay }]), ...call]);
  const head = await log.head(run);
  const draft = { route: 'plan', at: 3_000, cause: { kind: 'tool', id: 'tool:3' }, events: returned('c1-1', 'pay', { paymentId: 'p-77' }) } as const;
  const history = (await log.readRun(run)).map(({ commit }) => commit);
  const state = fold([...history, { ...draft, number: 3, events: [...draft.events] }], initialState);
  const told = falseCheckpoint && state.phase !== 'unborn' ? { ...state, spent: { ...state.spent, amount: 1 } } : state;
  await log.append(run, { ...draft, checkpoint: JSON.parse(JSON.stringify(checkpointOf(told))) }, head);
  await append(log, run, 'end', [decided(3, [], 'Paid.'), ended('Paid.')]);
}

beforeEach(async () => {
  log = new InMemoryEventLog(2);
  keys = await permitKeys({ keys: [publicPermitKey(policy.publicKey)] });
});

describe('the verification of a run', () => {
  it('finds a run sound whose chain, states, checkpoint, verdicts and permits hold', async () => {
    await write();
    const verification = await verifyOne(log, run, keys);

    expect(runVerification.safeParse(verification).error).toBeUndefined();
    expect(verification).toEqual({ runId: 'run-1', holds: true, commits: 4, permits: { checked: 1, unchecked: 0 }, checkpoints: 1, findings: [], erased: false });
  });

  it.each<[string, Damage, object]>([
    ['an altered commit', altered(3, (commit) => { commit['at'] = 1; }), { check: 'chain', commit: 3, problem: expect.stringContaining('altered') }],
    ['a renumbered commit', altered(3, (commit) => { commit['number'] = 4; }), { check: 'chain', commit: 4, problem: expect.stringContaining('altered') }],
    ['a commit taken out', missing(3), { check: 'chain', commit: 4, problem: expect.stringContaining('commit 4 stands where commit 3 is due') }],
    ['commits that changed places', swapped(2, 3), { check: 'chain', commit: 3, problem: expect.stringContaining('commit 3 stands where commit 2 is due') }],
    ['a commit that cannot be read', garbled(3), { check: 'chain', sequence: 3, problem: expect.stringContaining('not JSON') }],
  ])('finds and names %s', async (_, change, finding) => {
    await write();
    damage(log, run, change);
    const verification = await verifyOne(log, run, keys);

    expect(runVerification.safeParse(verification).error).toBeUndefined();
    expect(verification).toMatchObject({ holds: false, findings: expect.arrayContaining([expect.objectContaining(finding)]) });
  });

  it.each<[string, () => readonly RunEvent[], object]>([
    ['a forged permit', () => [judged('c1-1', 'pay', 'allow', 'ok'), permitted('c1-1', pay, { signer: stranger.privateKey })], { check: 'permit', problem: expect.stringContaining('permit.forged') }],
    ['a permit for other arguments', () => [judged('c1-1', 'pay', 'allow', 'ok'), permitted('c1-1', pay, { args: { ...pay, amount: 1 } })], { check: 'permit', problem: expect.stringMatching(/another arguments.*permit\.mismatch/) }],
    ['a permit of another run', () => [judged('c1-1', 'pay', 'allow', 'ok'), permitted('c1-1', pay, { runId: 'run-2' })], { check: 'permit', problem: expect.stringContaining('another run') }],
    ['a permit by an unknown key', () => [judged('c1-1', 'pay', 'allow', 'ok'), permitted('c1-1', pay, { key: 'old', signer: stranger.privateKey })], { check: 'permit', problem: expect.stringContaining('names the key "old"'), remedy: expect.stringContaining('Put the public half') }],
    ['a call without a verdict', () => [permitted('c1-1')], { check: 'verdict', problem: expect.stringContaining('without any verdict') }],
    ['a call that policy denied', () => [judged('c1-1', 'pay', 'deny', 'no'), permitted('c1-1')], { check: 'verdict', problem: expect.stringContaining('policy said deny') }],
    ['a call that was sent twice', () => [judged('c1-1', 'pay', 'allow', 'ok'), permitted('c1-1'), permitted('c1-1')], { check: 'dispatch', problem: expect.stringContaining('sent twice') }],
  ])('finds and names %s, though the chain holds', async (_, events, finding) => {
    await write(events());
    const verification = await verifyOne(log, run, keys);

    expect(verification).toMatchObject({ holds: false, findings: [expect.objectContaining({ runId: 'run-1', commit: 2, ...finding })] });
  });

  it('finds and names a false checkpoint, though the chain holds', async () => {
    await write(undefined, true);

    expect((await verifyOne(log, run, keys))?.findings).toEqual([expect.objectContaining({ check: 'checkpoint', commit: 3 })]);
  });

  it('finds commits that no state can follow, though the chain holds', async () => {
    await append(log, run, 'wait', [{ type: 'run-paused', by: 'ada', reason: '' }]);

    expect((await verifyOne(log, run, keys))?.findings).toEqual([expect.objectContaining({ check: 'replay', commit: 1 })]);
  });

  it('verifies permits by keys of former times, and says how many it could not for want of any', async () => {
    await write();
    const both = await permitKeys({ keys: [publicPermitKey(stranger.publicKey), publicPermitKey(policy.publicKey)] });

    expect(await verifyOne(log, run, both)).toMatchObject({ holds: true, permits: { checked: 1 } });
    expect(await verifyOne(log, run, undefined)).toMatchObject({ holds: true, permits: { checked: 0, unchecked: 1 } });
  });

  it('knows no run that the log has not', async () => {
    expect(await verifyOne(log, run, keys)).toBeUndefined();
  });
});

describe('the verification of the whole log, part by part', () => {
  async function all(tenant = 'acme'): Promise<{ readonly runs: number; readonly commits: number; readonly findings: readonly object[] }> {
    const sum = { runs: 0, commits: 0, findings: [] as object[] };
    for (let cursor: string | undefined = '0.1'; cursor !== undefined;) {
      const part = await verifyPart(log, tenant, cursor, keys);
      expect(verificationPage.safeParse(part).error).toBeUndefined();
      sum.runs += part.runs;
      sum.commits += part.commits;
      sum.findings.push(...part.findings);
      cursor = part.next;
    }
    return sum;
  }

  it('goes through each run of the tenant once, in however many parts, and through nobody else\'s', async () => {
    log = new InMemoryEventLog(2);
    await write();
    for (let number = 0; number < 100; number += 1) await append(log, key(`long-${number % 7}`), 'wait', number < 7 ? [accepted()] : [{ type: 'run-paused', by: 'ada', reason: '' }]);
    for (let number = 0; number < 200; number += 1) await append(log, key('other', 'globex'), 'wait', number === 0 ? [accepted()] : [{ type: 'run-paused', by: 'bob', reason: '' }]);

    expect(await all()).toEqual({ runs: 8, commits: 104, findings: [] });
    expect(await all('globex')).toEqual({ runs: 1, commits: 200, findings: [] });
  });

  it('finds what is broken, wherever it is', async () => {
    await write();
    damage(log, run, altered(4, (commit) => { commit['at'] = 1; }));

    expect((await all()).findings).toEqual([expect.objectContaining({ check: 'chain', runId: 'run-1', commit: 4 })]);
    expect((await all('globex')).findings).toEqual([]);
  });
});
