import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { executionOf } from './execution.js';
import { loadSuite } from './load-suite.js';
import { parseSuite } from './parse-suite.js';

const header = ['name: small', 'world: { url: COMPANY_URL, faults: { path: /faults }, audit: { path: /audit } }', 'cases:', '  - name: one'];
const event = '    event: { file: tasks.jsonl, id: e1 }';
const suiteWith = (...lines: readonly string[]): string => [...header, ...lines].join('\n');

/** What the parser says of a suite that it refuses. */
function refusal(source: string): string {
  try {
    parseSuite(source, 'bad.yaml');
  } catch (error) {
    expect(error).toMatchObject({ code: 'suite.invalid', retryable: false });
    return (error as Error).message;
  }
  throw new Error('the suite was accepted');
}

describe('parseSuite', () => {
  it('fills in what is left out', () => {
    const suite = parseSuite(suiteWith(event, '    faults: { kill: [{ process: planner, when: { event: decision-made } }] }', '    expect: {}'), 'good.yaml');
    expect(suite).toMatchObject({ repeats: 1, cases: [{ timeoutSeconds: 60, expect: { status: 'completed', effects: {}, path: [], never: [] }, faults: { world: [], kill: [{ when: { after: 1 }, downMilliseconds: 0 }] } }] });
  });

  it('names the line and the field of each thing that is wrong, all at once', () => {
    const message = refusal(suiteWith(event, '    timeoutSeconds: 0', '    aprovals: approved', '    expect:', '      status: done', '      path:', '        - event: tool-caled'));
    expect(message).toContain('bad.yaml:6 cases[0].timeoutSeconds: ');
    expect(message).toContain('bad.yaml:7 cases[0].aprovals: is not known here');
    expect(message).toContain('bad.yaml:9 cases[0].expect.status: ');
    expect(message).toContain('bad.yaml:11 cases[0].expect.path[0]');
  });

  it('points at the case in which a member is missing', () => {
    expect(refusal(suiteWith('    expect: {}'))).toContain('bad.yaml:4 cases[0].event: must be { file, id, replace? } or a CloudEvent');
    expect(refusal(suiteWith(event, '    expect: [ok]'))).toContain('bad.yaml:6 cases[0].expect: ');
  });

  it('names the line of a syntax error and of a key that is there twice', () => {
    expect(refusal('name: small\ncases: [')).toMatch(/bad\.yaml:\d: /);
    expect(refusal('name: small\nname: again')).toContain('bad.yaml:2: ');
  });

  it('refuses kills of unknown processes and moments, and regular expressions that are none', () => {
    expect(refusal(suiteWith(event, '    expect: {}', '    faults: { kill: [{ process: database, when: { milliseconds: 1 } }] }'))).toContain('bad.yaml:7 cases[0].faults.kill[0].process');
    expect(refusal(suiteWith(event, '    expect: {}', '    faults: { kill: [{ process: planner, when: { soon: true } }] }'))).toContain('must be { event, tool?, after? } or { milliseconds }');
    expect(refusal(suiteWith(event, '    expect: { answer: { matches: "(" } }'))).toContain('must be a regular expression');
  });

  it('refuses two cases of one name, effects without a world and faults that the world cannot take', () => {
    expect(refusal(suiteWith(event, '    expect: {}', '  - name: one', event, '    expect: {}'))).toContain('bad.yaml:7 cases[1].name: another case has this name');
    const noWorld = ['name: small', 'cases:', '  - name: one', event, '    faults: { world: [{ kind: hang }] }', '    expect: { effects: { payments: 1 } }'].join('\n');
    expect(refusal(noWorld)).toContain('bad.yaml:5 cases[0].faults.world: the suite does not say how');
    expect(refusal(noWorld)).toContain('bad.yaml:6 cases[0].expect.effects: effects need a "world"');
  });

  it('refuses a world whose address would be read from any variable', () => {
    expect(refusal(suiteWith(event, '    expect: {}').replace('COMPANY_URL', 'HOLDFAST_API_KEY'))).toContain('bad.yaml:2 world.url: must be an http address or the name of a variable that ends in _URL');
  });

  it('refuses a small text that would become a huge value', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]', ...[...'bcdef'].map((name, index) => `${name}: &${name} [${Array.from({ length: 10 }, () => `*${'abcde'[index]}`).join(', ')}]`)];
    expect(refusal(lines.join('\n'))).toContain('alias');
  });
});

describe('loadSuite', () => {
  const task = { specversion: '1.0', id: 'e1', source: '/s', type: 't', data: { goal: 'Pay INV-7.', invoice: { number: 'INV-7' } } };
  let folder: string;
  const write = (suite: string): Promise<void> => writeFile(join(folder, 'suites', 'suite.yaml'), suite);
  const load = (within?: string): ReturnType<typeof loadSuite> => loadSuite(join(folder, 'suites', 'suite.yaml'), within);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'suites-'));
    await mkdir(join(folder, 'suites'));
    await writeFile(join(folder, 'suites', 'tasks.jsonl'), `${JSON.stringify(task)}\n`);
    await writeFile(join(folder, 'outside.jsonl'), `${JSON.stringify(task)}\n`);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('takes events from files and replaces texts wherever they are', async () => {
    await write(suiteWith("    event: { file: tasks.jsonl, id: e1, replace: { INV-7: 'INV-7-{execution}' } }", "    expect: { effects: { payments.0.number: 'INV-7-{execution}' } }"));
    const [loaded] = (await load()).cases;
    if (loaded === undefined) throw new Error('there is no case');
    expect(loaded.event.data).toEqual({ goal: 'Pay INV-7-{execution}.', invoice: { number: 'INV-7-{execution}' } });

    const executed = executionOf(loaded, 'x1');
    expect(executed.event).toMatchObject({ id: 'e1-x1', data: { goal: 'Pay INV-7-x1.', invoice: { number: 'INV-7-x1' } } });
    expect(executed.expect.effects).toEqual({ 'payments.0.number': 'INV-7-x1' });
  });

  it('says which event, file or text it did not find', async () => {
    await write(suiteWith('    event: { file: tasks.jsonl, id: e2 }', '    expect: {}'));
    await expect(load()).rejects.toMatchObject({ code: 'suite.invalid', message: expect.stringContaining('"tasks.jsonl" has no event "e2"') });
    await write(suiteWith('    event: { file: none.jsonl, id: e1 }', '    expect: {}'));
    await expect(load()).rejects.toMatchObject({ code: 'suite.unreadable' });
    await write(suiteWith('    event: { file: tasks.jsonl, id: e1, replace: { INV-8: x } }', '    expect: {}'));
    await expect(load()).rejects.toMatchObject({ message: expect.stringContaining('does not contain "INV-8"') });
    await writeFile(join(folder, 'suites', 'tasks.jsonl'), '{"id": 1}\n');
    await write(suiteWith(event, '    expect: {}'));
    await expect(load()).rejects.toMatchObject({ message: expect.stringContaining('tasks.jsonl:1 is no task event') });
  });

  it('reads nothing outside of its folder, not even through a link', async () => {
    const within = join(folder, 'suites');
    await write(suiteWith(event, '    expect: {}'));
    await expect(load(within)).resolves.toMatchObject({ name: 'small' });
    await write(suiteWith('    event: { file: ../outside.jsonl, id: e1 }', '    expect: {}'));
    await expect(load(within)).rejects.toMatchObject({ code: 'suite.outside' });
    await symlink(join(folder, 'outside.jsonl'), join(within, 'link.jsonl'));
    await write(suiteWith('    event: { file: link.jsonl, id: e1 }', '    expect: {}'));
    await expect(load(within)).rejects.toMatchObject({ code: 'suite.outside' });
  });
});
