import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { permitKeys, signPermit, verifyPermit } from '@holdfast/policy-engine';
import { Gateway, gatewaySettings } from './gateway.js';
import { run } from './program.js';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly key: string | null;
}

/** A command line against a gateway that answers as it is told. */
async function holdfast(args: readonly string[], answer: { readonly status?: number; readonly body?: unknown } | Error = { body: {} }) {
  const asked: Asked[] = [];
  const out: string[] = [];
  const err: string[] = [];
  const send = (async (url: URL, init: RequestInit) => {
    asked.push({ method: init.method ?? 'GET', path: url.pathname, body: init.body === undefined ? undefined : JSON.parse(String(init.body)), key: new Headers(init.headers).get('authorization') });
    if (answer instanceof Error) throw answer;
    return Response.json(answer.body, { status: answer.status ?? 200 });
  }) as unknown as typeof fetch;
  const code = await run(args, { gateway: () => new Gateway({ url: 'http://gateway.invalid', key: 'k' }, send), terminal: { out: (line) => out.push(line), write: (text) => out.push(text) } }, (line) => err.push(line));
  return { code, asked, out: out.join('\n'), err: err.join('\n') };
}

const doubted = { operation: 'a'.repeat(64), tool: 'wire', arguments: { account: 'DE1' }, since: 0, reason: 'a worker was lost', calls: [{ runId: 'r1', callId: 'c1' }, { runId: 'r2', callId: 'c1' }] };

describe('holdfast memory', () => {
  const read = { runs: [{ runId: 'r1', commit: 7 }, { runId: 'r2', commit: 1, through: 'r1' }], derived: [{ digest: 'b'.repeat(64), scope: 'notes', documentId: 'remembered/x', runId: 'r1' }], more: false };

  it.each([
    ['https://evil.example/blog', { source: 'https://evil.example/blog' }],
    ['a'.repeat(64), { digest: 'a'.repeat(64) }],
  ])('revokes %s and lists who read it', async (origin, body) => {
    const { code, out, asked } = await holdfast(['memory', 'revoke', origin, '--reason', 'planted'], { body: { ...read, removed: 2 } });

    expect(code).toBe(0);
    expect(asked).toEqual([{ method: 'POST', path: '/v1/memory/sources/revoke', body: { origin: body, reason: 'planted' }, key: 'Bearer k' }]);
    expect(out).toMatch(/2 documents were taken out[^]*r1 +7\n *r2 +1 +r1[^]*r1 +notes +remembered\/x +bbbb/);
  });

  it('lists who read something without revoking it', async () => {
    const { out, asked } = await holdfast(['memory', 'readers', 'urn:a:b'], { body: { runs: [], derived: [], more: false } });

    expect(asked).toEqual([{ method: 'GET', path: '/v1/memory/sources/readers', body: undefined, key: 'Bearer k' }]);
    expect(out).toBe('No run has read it.');
  });

  it('puts a file into memory by its ending, and says what is hidden in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
    const file = join(folder, 'Terms.HTML');
    await writeFile(file, '<p>Hello.</p>');
    const labels = ['--scope', 'web', '--source', 'urn:a:b', '--trust', 'third-party', '--secrecy', 'internal'];
    const { code, out, asked } = await holdfast(['memory', 'add', file, ...labels], { body: { documentId: 'Terms.HTML', digest: 'a'.repeat(64), chunks: 1, unchanged: false, hidden: { characters: 6, excerpt: 'Pay me\u001b[2J' } } });
    const unreadable = await Promise.all([holdfast(['memory', 'add', join(folder, 'a.docx'), ...labels]), holdfast(['memory', 'add', join(folder, 'a.pdf'), ...labels])]);
    await rm(folder, { recursive: true });

    expect(code).toBe(0);
    expect(asked[0]).toMatchObject({ path: '/v1/memory/files', body: { scope: 'web', file: { documentId: 'Terms.HTML', title: 'Terms.HTML', source: 'urn:a:b', trust: 'third-party', secrecy: 'internal', mediaType: 'text/html', content: Buffer.from('<p>Hello.</p>').toString('base64') } } });
    expect(out).toMatch(/is in web: 1 passages[^]*HIDDEN: 6 characters [^]*"Pay me \[2J"/);
    expect(unreadable.map((each) => [each.code, each.asked])).toEqual([[2, []], [2, []]]);
  });
});

describe('holdfast in-doubt', () => {
  it('lists what nobody knows, with its runs and the reason', async () => {
    const { code, out, asked } = await holdfast(['in-doubt'], { body: { operations: [doubted], more: false } });
    expect(code).toBe(0);
    expect(out).toMatch(/operation +tool +since +runs[^]*wire +1970-01-01T00:00:00.000Z +2 +{"account":"DE1"}[^]*a worker was lost/);
    expect(asked).toEqual([{ method: 'GET', path: '/v1/in-doubt', body: undefined, key: 'Bearer k' }]);
  });

  it.each([
    [['--happened', '{"id":7}'], { resolution: 'happened', result: { id: 7 } }],
    [['--did-not-happen'], { resolution: 'did-not-happen' }],
    [['--retry', '--comment', 'looked'], { resolution: 'retry', comment: 'looked' }],
  ] as const)('passes on the word %j', async (given, body) => {
    const { code, asked } = await holdfast(['in-doubt', 'resolve', 'op', ...given], { body: { operation: 'op', facts: [{ runId: 'r1', duplicate: false }] } });
    expect(code).toBe(0);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/in-doubt/op', body: { comment: '', ...body } });
  });

  it.each([[[]], [['--retry', '--did-not-happen']], [['--happened', 'yes']]])('asks for exactly one readable word, and not %j', async (given) => {
    const { code, asked, err } = await holdfast(['in-doubt', 'resolve', 'op', ...given]);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(err).toMatch(/exactly one|must be JSON/);
  });
});

const question = {
  runId: 'r1', approvalId: 'a-c1-1', tool: 'pay', arguments: { iban: 'DE1' }, reasons: ['The value "DE1" for "iban" is in nothing that was read.'], goal: 'Pay it.\u001b[2J', expiresAt: 0,
  risk: { score: 45, factors: ['effect +15: once'] }, origins: [{ argument: 'iban', role: 'sink', trust: 'model', source: 'model', excerpt: '' }], needs: { persons: 2, roles: ['treasury'] }, counted: { by: 'ada' },
};

describe('holdfast approvals', () => {
  it('lists what waits, and shows one as the engine describes it', async () => {
    const body = { approvals: [question], more: false };
    expect((await holdfast(['approvals'], { body })).out).toMatch(/run +approval +tool +risk[^]*r1 +a-c1-1 +pay +45 +1970[^]*in nothing that was read/);
    const { out } = await holdfast(['approvals', 'show', 'r1', 'a-c1-1'], { body });
    expect(out).toMatch(/pay for the run r1[^]*iban: "DE1"[^]*Why a person is asked[^]*Risk 45[^]*iban +sink +model[^]*Two people have to agree, and ada has[^]*treasury[^]*holdfast approve r1 a-c1-1/);
    expect(out).not.toContain('\u001b');
    expect(await holdfast(['approvals', 'show', 'r1', 'a-c9-9'], { body })).toMatchObject({ code: 1, err: expect.stringContaining('approval.unknown') });
  });

  it.each([
    [['approve'], { answer: 'approved', comment: '' }],
    [['reject', '--comment', 'wrong'], { answer: 'rejected', comment: 'wrong' }],
    [['edit', '--arguments', '{"iban":"DE2"}'], { answer: 'edited', arguments: { iban: 'DE2' } }],
    [['endorse', '--values', 'iban', 'to.0'], { answer: 'endorsed', endorse: ['iban', 'to.0'] }],
  ] as const)('passes on %j', async ([name, ...given], body) => {
    const { code, asked, out } = await holdfast(['approvals', name, 'r1', 'a-c1-1', ...given], { body: { duplicate: false } });
    expect({ code, out, asked }).toMatchObject({ code: 0, out: 'Recorded.', asked: [{ method: 'POST', path: '/v1/runs/r1/approvals/a-c1-1', body }] });
  });

  it.each([[['edit']], [['edit', '--arguments', '[]']], [['endorse']]])('does not send %j', async ([name = '', ...given]) => {
    expect(await holdfast(['approvals', name, 'r1', 'a-c1-1', ...given])).toMatchObject({ code: 2, asked: [] });
  });
});

const digest = 'b'.repeat(64);
const contract = { name: 'ship', adapter: 'default', effect: 'keyed', digest: 'a'.repeat(64) };
const broken = {
  name: 'ship', status: 'quarantined', contract, candidate: { ...contract, digest }, reason: '"order" was string and is integer.',
  differences: [{ breaking: true, kind: 'retyped', path: 'input.order', text: '"order" was string and is integer.' }, { breaking: false, kind: 'changed', path: 'description', text: 'It is described otherwise.' }],
  parked: [{ runId: 'run-1', callId: 'c1-1' }],
};

describe('holdfast tools', () => {
  it('lists how they stand', async () => {
    const { code, out } = await holdfast(['tools'], { body: { tools: [{ ...contract, status: 'quarantined' }] } });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/tool +status +effect[^]*ship +quarantined +keyed +default +aaaaaaaaaaaa/) });
  });

  it('shows what changed, who waits and how to accept it', async () => {
    const { out, asked } = await holdfast(['tools', 'show', 'ship'], { body: broken });
    expect(asked[0]?.path).toBe('/v1/tools/ship');
    expect(out).toMatch(/ship is quarantined[^]*BREAKING +retyped input.order[^]*harmless +changed description[^]*run-1 c1-1[^]*holdfast tools accept ship b{64}/);
  });

  it('accepts the contract that was looked at, and asks for its whole digest', async () => {
    const done = await holdfast(['tools', 'accept', 'ship', digest, '--comment', 'looked'], { body: { ...broken, status: 'healthy', differences: [] } });
    expect(done.asked).toEqual([{ method: 'POST', path: '/v1/tools/ship/accept', body: { digest, comment: 'looked' }, key: 'Bearer k' }]);
    expect(done.out).toBe('ship is healthy under contract bbbbbbbbbbbb. 1 parked call goes on.');
    const short = await holdfast(['tools', 'accept', 'ship', 'bbbb']);
    expect({ code: short.code, asked: short.asked }).toEqual({ code: 2, asked: [] });
  });
});

describe('holdfast questions', () => {
  it('lists what agents ask, and passes an answer on', async () => {
    const asked = { runId: 'r1', callId: 'c1-1', agent: 'payer', text: 'Which account?', choices: ['DE1', 'DE2'], goal: 'Pay.', askedAt: 0 };
    expect((await holdfast(['questions'], { body: { questions: [asked], more: false } })).out).toMatch(/r1 +c1-1 +payer +1970-01-01T00:00:00.000Z +Which account\? \[DE1 \| DE2\]/);
    expect(await holdfast(['questions', 'answer', 'r1', 'c1-1', 'DE1'], { body: { duplicate: false } })).toMatchObject({ out: 'Recorded.', asked: [{ method: 'POST', path: '/v1/runs/r1/questions/c1-1', body: { answer: 'DE1' } }] });
  });
});

describe('holdfast budgets', () => {
  it('shows what is used of each, and until when', async () => {
    const budget = { limit: 'payments', holder: 'user otto', until: 86_400_000, used: { calls: 3, amount: 700, tokens: 0, costMicros: 0 }, maxCalls: 5, maxAmount: 1_000 };
    const { out } = await holdfast(['budgets'], { body: { budgets: [budget], more: false } });
    expect(out).toMatch(/payments +user otto +3 of 5 +700 of 1000 +1970-01-02T00:00:00.000Z/);
    expect((await holdfast(['budgets'], { body: { budgets: [], more: false } })).out).toContain('Nothing has been taken');
  });
});

describe('holdfast keys', () => {
  it('makes a key whose permits the adapters know by the public half, and never writes over one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-keys-'));
    try {
      const name = join(folder, 'next');
      expect((await holdfast(['keys', 'new', name])).code).toBe(0);
      const [privateKey, publicKeys] = [await readFile(`${name}.private.pem`, 'utf8'), await readFile(`${name}.public.json`, 'utf8')];
      const kid = (JSON.parse(publicKeys) as { keys: { kid: string }[] }).keys[0]?.kid ?? '';
      const claims = { iss: 'holdfast-policy', jti: 'c', tenant: 'acme', run: 'r', tool: 'pay', contractDigest: 'c'.repeat(64), argumentsDigest: 'a'.repeat(64), policyDigest: 'b'.repeat(64), iat: 1_000, exp: 1_060 } as const;
      const permit = signPermit(claims, kid, createPrivateKey(privateKey));
      expect(await verifyPermit(permit, await permitKeys(publicKeys), { tenant: 'acme', run: 'r', callId: 'c', tool: 'pay', contractDigest: claims.contractDigest, argumentsDigest: claims.argumentsDigest }, 1_010_000)).toMatchObject({ jti: 'c' });
      expect((await stat(`${name}.private.pem`)).mode & 0o077).toBe(0);
      const pem = join(folder, 'present.pem');
      await writeFile(pem, createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
      expect((await holdfast(['keys', 'new', join(folder, 'other')])).code).toBe(0);
      const [both, other] = [join(folder, 'both.json'), JSON.parse(await readFile(join(folder, 'other.public.json'), 'utf8')) as { keys: { kid: string }[] }];
      expect((await holdfast(['keys', 'set', both, pem, `${name}.public.json`, join(folder, 'other.public.json')])).out).toContain(`${kid}, ${other.keys[0]?.kid}`);
      expect(JSON.parse(await readFile(both, 'utf8'))).toEqual({ keys: [...(JSON.parse(publicKeys) as { keys: unknown[] }).keys, ...other.keys] });
      // A private key that is named by mistake gives its public half alone.
      expect((await holdfast(['keys', 'set', join(folder, 'mistaken.json'), `${name}.private.pem`])).code).toBe(0);
      expect(JSON.parse(await readFile(join(folder, 'mistaken.json'), 'utf8'))).toEqual(JSON.parse(publicKeys));
      await writeFile(pem, 'no key');
      expect(await holdfast(['keys', 'set', join(folder, 'none.json'), pem])).toMatchObject({ code: 1, err: expect.stringContaining('has no public keys') });
      expect(await holdfast(['keys', 'new', name])).toMatchObject({ code: 1, err: expect.stringContaining('never overwritten') });
      expect(await readFile(`${name}.private.pem`, 'utf8')).toBe(privateKey);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('any command', () => {
  it('tells the gateway\'s own reason and remedy when it refuses', async () => {
    const { code, err } = await holdfast(['abort', 'r1', '--reason', 'wrong order'], { status: 409, body: { detail: 'The run has ended.', code: 'run.ended', retryable: false, remedy: 'Look at the run.' } });
    expect(code).toBe(1);
    expect(err).toBe('The run has ended.\nWhat to do: Look at the run. (run.ended)');
  });

  it('says that it may be repeated when nobody answered', async () => {
    const { code, err } = await holdfast(['show', 'r1'], new Error('refused'));
    expect(code).toBe(3);
    expect(err).toMatch(/did not answer: refused[^]*repeat the command/);
  });

  it('names the setting that is missing', () => {
    expect(() => gatewaySettings({ HOLDFAST_GATEWAY_URL: 'gateway:80' })).toThrow(/HOLDFAST_GATEWAY_URL is "gateway:80"/);
    expect(() => gatewaySettings({ HOLDFAST_GATEWAY_URL: 'http://gateway' })).toThrow(/HOLDFAST_API_KEY is not set/);
  });

  it('shows nobody\'s control characters on the terminal', async () => {
    const { out } = await holdfast(['in-doubt'], { body: { operations: [{ ...doubted, reason: 'a\u001b[2Jb' }], more: false } });
    expect(out).not.toContain('\u001b');
  });

  it('shows its help when it is not understood', async () => {
    const { code, err } = await holdfast(['conquer']);
    expect(code).toBe(2);
    expect(err).toMatch(/unknown command 'conquer'[^]*in-doubt/);
  });
});

describe('holdfast thread', () => {
  const label = { trust: 'user', secrecy: 'internal' };
  const turn = { runId: 'r1', requester: 'ada', askedAt: 0, status: 'completed', goal: { text: 'Look at invoice 7.', label }, answer: { text: 'It is due.\u001b[2J', label: { ...label, trust: 'third-party' } } };

  it('shows who asked what, what was answered, and what it is worth', async () => {
    const { code, out, asked } = await holdfast(['thread', 't1'], { body: { thread: 't1', total: 1, turns: [turn] } });
    expect(code).toBe(0);
    expect(out).toBe('1970-01-01T00:00:00.000Z  r1  completed\n  ada (user, internal): Look at invoice 7.\n  answered (third-party, internal): It is due. [2J');
    expect(asked.map(({ path }) => path)).toEqual(['/v1/threads/t1']);
  });

  it('says so where nothing was asked', async () => {
    expect((await holdfast(['thread', 't1'], { body: { thread: 't1', total: 0, turns: [] } })).out).toBe('Nothing has been asked in this thread.');
  });

  it('is made again on request, and tells the checksum of what was made', async () => {
    const { code, out, asked } = await holdfast(['memory', 'rebuild'], { body: { behind: 0, turns: 7, checksum: 'abc' } });
    expect({ code, out }).toEqual({ code: 0, out: '7 turns were made again from the log; checksum abc.' });
    expect(asked).toEqual([expect.objectContaining({ method: 'POST', path: '/v1/memory/threads/rebuild' })]);
  });
});

describe('holdfast memory erase', () => {
  it('passes the order on with its reason, and says what has gone and what has not', async () => {
    const { code, out, asked } = await holdfast(['memory', 'erase', 'customer-7', '--reason', 'asked for'], { body: { documents: 2, turns: 3, log: 'erased', at: 0 } });
    expect(code).toBe(0);
    expect(out).toMatch(/customer-7 before 1970-01-01T00:00:00.000Z is erased: 2 versions of documents and the texts of 3 turns.*\n.*can be read by nobody any more. Backups.* still hold it/);
    expect(asked).toEqual([expect.objectContaining({ method: 'POST', path: '/v1/erasures', body: { dataSubject: 'customer-7', reason: 'asked for' } })]);
  });

  it('needs a reason', async () => {
    expect(await holdfast(['memory', 'erase', 'customer-7'])).toMatchObject({ code: 2, asked: [] });
  });
});
