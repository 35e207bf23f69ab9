import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '@holdfast/contracts';
import { expectedCalls, scoreCalls } from '../scoring/expected-calls.js';
import { called } from '../scoring/history.fixture.js';
import { loadSuite } from '../suites/load-suite.js';
import { readBfcl } from './bfcl.js';
import type { DatasetCase } from './dataset-case.js';
import { loadDataset } from './load-dataset.js';
import { readPythonCall } from './python-literal.js';
import { readSweInstances } from './swe/instance.js';
import { readTap } from './swe/tap.js';
import { readTauBench } from './tau-bench.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'holdfast-datasets-'))));
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
/** A file of these records as JSON lines, or of this text. */
async function file(...records: readonly unknown[]): Promise<string> {
  const path = join(folder, `file-${(files += 1)}.json`);
  await writeFile(path, records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record))).join('\n'));
  return path;
}

type Made = readonly [tool: string, args: Readonly<Record<string, unknown>>];
const made = (...calls: readonly Made[]): RunEvent[] =>
  calls.map(([tool, args], index) => ({ ...called(`c${index}`, tool), arguments: args }) as RunEvent);
const judged = (given: DatasetCase | undefined, ...calls: readonly Made[]): boolean => scoreCalls(made(...calls), expectedCalls.parse(given?.expect['calls'])).passed;

const ask = (content: string) => [{ role: 'user', content }];
const orderDrink = { name: 'drinks.order', description: 'Orders.', parameters: { type: 'dict', properties: { drink: { type: 'string' }, wishes: { type: 'dict' } } } };

describe('the format of BFCL', () => {
  it('makes a case of a question, judged by the values that are acceptable', async () => {
    const questions = await file({ id: 'one', question: [ask('A large latte, please.')], function: [orderDrink] });
    const answers = await file({ id: 'one', ground_truth: [{ 'drinks.order': { drink: ['latte', 'caffe latte'], count: [1, ''], wishes: [{ size: ['large', 'L'], milk: ['', 'oat'] }] } }] });
    const [given] = await readBfcl({ questions, answers });
    expect(given).toMatchObject({ name: 'one', event: { id: 'one', data: { goal: 'A large latte, please.' } } });
    expect(judged(given, ['drinks_order', { drink: 'Caffe-Latte', wishes: { size: 'large' } }])).toBe(true);
    expect(judged(given, ['drinks_order', { drink: 'latte', count: 1, wishes: { size: 'L', milk: 'oat' } }])).toBe(true);
    expect(judged(given, ['drinks_order', { drink: 'latte', count: 2, wishes: { size: 'L' } }])).toBe(false);
    expect(judged(given, ['drinks_order', { drink: 'latte', wishes: { milk: 'oat' } }])).toBe(false);
    expect(judged(given, ['drinks_order', { drink: 'latte', wishes: { size: 'L' }, tip: 5 }])).toBe(false);
    expect(judged(given)).toBe(false);
    expect(judged(given, ...Array.from({ length: 2 }, () => ['drinks_order', { drink: 'latte', wishes: { size: 'L' } }] as const))).toBe(false);
  });

  it('makes a case of each turn of a conversation, in one thread, whose calls have to come in order', async () => {
    const questions = await file({ id: 'talk', question: [ask('Go there.'), ask('Sort it.')] });
    const answers = await file({ id: 'talk', ground_truth: [["cd(folder='docs')", 'mkdir(name="a, b")'], ["sort('it.txt')"]] });
    const functions = [await file({ name: 'sort', description: 'Sorts.', parameters: { type: 'dict', properties: { file_name: { type: 'string' } } } })];
    const cases = await readBfcl({ questions, answers, functions });
    expect(cases.map(({ name, event }) => [name, event.thread])).toEqual([['talk/1', 'talk'], ['talk/2', 'talk']]);
    expect(judged(cases[0], ['cd', { folder: 'docs' }], ['mkdir', { name: 'a, b' }])).toBe(true);
    expect(judged(cases[0], ['mkdir', { name: 'a, b' }], ['cd', { folder: 'docs' }])).toBe(false);
    expect(judged(cases[1], ['sort', { file_name: 'it.txt' }])).toBe(true);
    await expect(readBfcl({ questions, answers })).rejects.toMatchObject({ code: 'dataset.invalid', message: expect.stringContaining(`${answers}:1 ground_truth.1: "sort('it.txt')" has arguments without names`) });
  });

  it('names the line of a question without an answer, of turns that are missing, of a member that is wrong and of what is no JSON', async () => {
    const answers = await file({ id: 'one', ground_truth: [['a()'], ['b()']] });
    const unanswered = await file({ id: 'one', question: [ask('?'), ask('?')] }, { id: 'two', question: [ask('?')] });
    await expect(readBfcl({ questions: unanswered, answers })).rejects.toMatchObject({ message: expect.stringContaining(`${unanswered}:2 id: "two" has no answer`) });
    const short = await file({ id: 'one', question: [ask('?')] });
    await expect(readBfcl({ questions: short, answers })).rejects.toMatchObject({ message: expect.stringContaining(`${answers}:1 ground_truth: has 2 turns where the question has 1`) });
    const wrong = await file('', { id: 'one', question: [[]] }, { id: 7, question: [ask('?')] });
    await expect(readBfcl({ questions: wrong, answers })).rejects.toMatchObject({ code: 'dataset.invalid', message: expect.stringMatching(/:2 question\.0: has no message[^]*:3 id: /) });
    const broken = await file({ id: 'one', question: [ask('?')] }, '{"id":');
    await expect(readBfcl({ questions: broken, answers })).rejects.toMatchObject({ message: expect.stringContaining(`${broken}:2: is not JSON`) });
  });
});

describe('calls as Python writes them', () => {
  it.each([
    ["f()", { name: 'f', positional: [], named: {} }],
    ["a.f('x=1', y = [1, 'b)'], z={'k': True})", { name: 'a.f', positional: ['x=1'], named: { y: [1, 'b)'], z: { k: true } } }],
  ])('reads %s', (text, call) => expect(readPythonCall(text)).toEqual(call));
  it.each(['f(', 'f(x)', 'f(x=g())', 'f() g()', '(1)', 'f(y=)'])('takes %s for none', (text) => expect(readPythonCall(text)).toBeUndefined());
});

describe('the format of tau-bench', () => {
  const task = { user_id: 'ada', instruction: 'You want your money back.', actions: [{ name: 'find_order', kwargs: { id: '#1' } }, { name: 'cancel_order', kwargs: { id: '#1' } }, { name: 'respond', kwargs: { content: 'Done.' } }], outputs: ['1,200'] };

  it('judges the calls that change the database, lets reads be, and looks for the outputs', async () => {
    const [given] = await readTauBench({ tasks: await file(JSON.stringify([task], null, 2)), writes: ['cancel_order', 'refund'] });
    expect(given).toMatchObject({ name: '0 ada', event: { data: { goal: task.instruction, user: 'ada' } }, expect: { mentions: ['1,200'] } });
    expect(judged(given, ['look_around', {}], ['cancel_order', { id: '#1' }])).toBe(true);
    expect(judged(given, ['cancel_order', { id: '#1' }], ['refund', { id: '#1' }])).toBe(false);
    expect(judged(given, ['find_order', { id: '#1' }])).toBe(false);
  });

  it('takes the end state of the world for effects, and names the line of a task in a list that is wrong', async () => {
    const [given] = await readTauBench({ tasks: await file({ ...task, end_state: { 'orders.0.status': 'cancelled' } }) });
    expect(given?.expect['effects']).toEqual({ 'orders.0.status': 'cancelled' });
    const wrong = await file('[', `${JSON.stringify(task)},`, JSON.stringify({ ...task, actions: [{ name: 'x' }] }), ']');
    await expect(readTauBench({ tasks: wrong })).rejects.toMatchObject({ code: 'dataset.invalid', message: expect.stringContaining(`${wrong}:3 actions.0.kwargs: `) });
  });
});

describe('a recording of AgentDojo', () => {
  it('has the tasks of its users as cases, with the recorded calls', async () => {
    const calls = [{ tool: 'send_mail', args: { to: 'bob' }, result: "{'ok': True}" }];
    const recording = await file({ suites: { office: { tools: {}, userTasks: { 'task-1': { prompt: 'Write to Bob.', calls } }, injectionTasks: {}, vectors: {} } } });
    const cases = await loadDataset({ format: 'agentdojo', recording }, (path) => Promise.resolve(path));
    expect(cases.map(({ name, event }) => [name, event.data.goal])).toEqual([['office/task-1', 'Write to Bob.']]);
    expect(judged(cases[0], ['send_mail', { to: 'bob' }])).toBe(true);
    expect(judged(cases[0], ['send_mail', { to: 'eve' }])).toBe(false);
  });
});

describe('results in TAP', () => {
  it('are those of tests that ran, of nested ones too, and a name that failed once has failed', () => {
    const told = readTap(['TAP version 13', '    ok 1 - inner', 'not ok 2 - twice', 'ok 3 - twice', 'ok 4 - left out # SKIP', '# ok 5 - only said', 'ok 6 - outer # time=1ms'].join('\n'));
    expect([...told]).toEqual([['inner', true], ['twice', false], ['left out', false], ['outer # time=1ms', true]]);
  });
});

describe('the format of SWE-bench', () => {
  const instance = { instance_id: 'own__repo-1', repo: 'own/repo', base_commit: 'a'.repeat(40), problem_statement: 'It fails.', patch: '', test_patch: 'diff', FAIL_TO_PASS: '["adds"]', PASS_TO_PASS: ['subtracts'] };

  it('takes names of tests as lists and as lists in texts', async () => {
    expect((await readSweInstances(await file(instance))).map(({ value, line }) => [value.FAIL_TO_PASS, value.PASS_TO_PASS, line])).toEqual([[['adds'], ['subtracts'], 1]]);
  });

  it('refuses short commits, names that are paths, and instances that nothing shows to be solved', async () => {
    const wrong = await file(instance, { ...instance, base_commit: 'main' }, { ...instance, instance_id: '../x' }, { ...instance, FAIL_TO_PASS: 'none' }, { ...instance, FAIL_TO_PASS: [] });
    await expect(readSweInstances(wrong)).rejects.toMatchObject({ code: 'dataset.invalid', message: expect.stringMatching(/:2 base_commit: [^]*:3 instance_id: [^]*:4 FAIL_TO_PASS: [^]*:5 FAIL_TO_PASS: /) });
  });
});

describe('a suite that names datasets', () => {
  const suite = async (...lines: readonly string[]): Promise<string> => {
    const path = join(folder, `suite-${(files += 1)}.yaml`);
    await writeFile(path, ['name: public', ...lines].join('\n'));
    return path;
  };

  it('has their records as cases, those that are named or all', async () => {
    const tasks = await file({ user_id: 'ada', instruction: 'Hello.', actions: [] }, { user_id: 'bob', instruction: 'Hello.', actions: [] });
    const all = await loadSuite(await suite(`datasets: [{ format: tau-bench, tasks: ${tasks} }]`, 'cases: []'));
    expect(all.cases.map(({ name, timeoutSeconds }) => [name, timeoutSeconds])).toEqual([['0 ada', 60], ['1 bob', 60]]);
    const one = await loadSuite(await suite(`datasets: [{ format: tau-bench, tasks: ${tasks}, only: [1 bob] }]`, 'cases: []'));
    expect(one.cases.map(({ name }) => name)).toEqual(['1 bob']);
    await expect(loadSuite(await suite(`datasets: [{ format: tau-bench, tasks: ${tasks}, only: [2 eve] }]`, 'cases: []'))).rejects.toMatchObject({ code: 'dataset.invalid', message: expect.stringContaining('"2 eve"') });
  });

  it('reads none outside the folder that it is held to, refuses missing files, no cases at all, and turns that are to be repeated', async () => {
    const inside = await suite('datasets: [{ format: agentdojo, recording: /etc/hostname }]', 'cases: []');
    await expect(loadSuite(inside, folder)).rejects.toMatchObject({ code: 'suite.outside' });
    await expect(loadSuite(await suite('datasets: [{ format: agentdojo, recording: nowhere.json }]', 'cases: []'))).rejects.toMatchObject({ code: 'suite.unreadable' });
    await expect(loadSuite(await suite('cases: []'))).rejects.toMatchObject({ code: 'suite.invalid' });
    const questions = await file({ id: 'talk', question: [ask('One.'), ask('Two.')] });
    const answers = await file({ id: 'talk', ground_truth: [['f()'], ['g()']] });
    const bfcl = `datasets: [{ format: bfcl, questions: ${questions}, answers: ${answers} }]`;
    expect((await loadSuite(await suite(bfcl, 'cases: []'))).cases).toHaveLength(2);
    await expect(loadSuite(await suite(bfcl, 'cases: []', 'repeats: 2'))).rejects.toMatchObject({ message: expect.stringContaining('"talk/1" is a turn of a conversation') });
  });
});
