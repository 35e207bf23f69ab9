import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HoldfastError } from '@holdfast/contracts';
import type { SupervisedProcess } from '../process/index.js';
import { startControl, type Control, type ControlledStack } from './control.js';

let control: Control;
let kill: jest.Mock<ControlledStack['kill']>;
let start: jest.Mock<ControlledStack['start']>;

/** A stack with a broker and a planner whose processes exist in name only. */
function standIn(options: { readonly broker?: boolean } = {}): ControlledStack {
  const processes = new Map<string, number>([['broker', 10], ['planner', 11]]);
  kill = jest.fn(async (name) => void processes.delete(name));
  start = jest.fn(async (name) => {
    if (processes.has(name)) throw new HoldfastError({ code: 'process.already_running', message: `${name} is running already.`, retryable: false, remedy: 'Stop it first.' });
    processes.set(name, 12);
  });
  const planner = { get state() { return processes.has('planner') ? 'ready' : 'stopped'; }, get pid() { return processes.get('planner'); } };
  const broker = { get pid() { return processes.get('broker'); } };
  return { kill, start, services: { planner }, broker: options.broker === false ? undefined : broker } as unknown as ControlledStack;
}

const ask = async (method: string, path: string, init: { readonly token?: string | undefined; readonly body?: string } = { token: control.token }): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(`${control.url}${path}`, { method, headers: { connection: 'close', ...(init.token === undefined ? {} : { authorization: `Bearer ${init.token}` }) }, ...(init.body === undefined ? {} : { body: init.body }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

beforeEach(async () => {
  control = await startControl(standIn());
});
afterEach(() => control.stop());

describe('the control server', () => {
  it('kills and starts a process and tells which run', async () => {
    expect(await ask('POST', '/processes/planner/kill')).toEqual({ status: 200, body: { name: 'planner', state: 'stopped' } });
    expect(kill).toHaveBeenCalledWith('planner');
    expect((await ask('GET', '/processes')).body).toEqual({ processes: [{ name: 'broker', state: 'ready', pid: 10 }, { name: 'planner', state: 'stopped' }] });

    expect(await ask('POST', '/processes/planner/start')).toEqual({ status: 200, body: { name: 'planner', state: 'ready', pid: 12 } });
  });

  it('knows the second process of a service by its number', async () => {
    const second = { state: 'ready', pid: 13 } as unknown as SupervisedProcess;
    const stack = standIn();
    await control.stop();
    control = await startControl({ ...stack, services: { ...stack.services, 'planner-2': second } });
    expect(await ask('POST', '/processes/planner-2/kill')).toMatchObject({ status: 200, body: { name: 'planner-2' } });
    expect(kill).toHaveBeenCalledWith('planner-2');
  });

  it('listens on the loopback interface only', () => {
    expect(new URL(control.url).hostname).toBe('127.0.0.1');
  });

  it('refuses whoever has no token, or another one, and does nothing for them', async () => {
    for (const token of [undefined, '', 'x'.repeat(32), control.token.slice(0, -1)]) {
      expect(await ask('POST', '/processes/planner/kill', { token })).toMatchObject({ status: 401, body: { code: 'control.token-refused' } });
    }
    expect(kill).not.toHaveBeenCalled();
  });

  it('names the processes there are when another is asked for', async () => {
    const { status, body } = await ask('POST', '/processes/gateway/kill');
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'control.process-unknown', remedy: 'Use one of: broker, planner.' });
    expect(kill).not.toHaveBeenCalled();
  });

  it('says that it knows no other addresses or methods', async () => {
    for (const [method, path] of [['GET', '/'], ['GET', '/processes/planner/kill'], ['POST', '/processes'], ['POST', '/processes/../kill'], ['POST', '/processes/planner/stop']] as const) {
      expect(await ask(method, path)).toMatchObject({ status: 404, body: { code: 'control.route-unknown' } });
    }
  });

  it('takes no body', async () => {
    expect(await ask('POST', '/processes/planner/kill', { token: control.token, body: '{}' })).toMatchObject({ status: 400, body: { code: 'control.body-unexpected' } });
    expect(kill).not.toHaveBeenCalled();
  });

  it('refuses to start what runs, also the broker, whose own restart would stop it', async () => {
    expect(await ask('POST', '/processes/planner/start')).toMatchObject({ status: 409, body: { code: 'process.already_running' } });
    expect(await ask('POST', '/processes/broker/start')).toMatchObject({ status: 409, body: { code: 'process.already_running' } });
  });

  it('cannot kill a broker that is not of the stack', async () => {
    await control.stop();
    control = await startControl(standIn({ broker: false }));
    expect(await ask('POST', '/processes/broker/kill')).toMatchObject({ status: 404, body: { code: 'control.process-unknown' } });
  });

  it('answers a process that does not come up as unavailable, with the reason', async () => {
    start.mockRejectedValueOnce(new HoldfastError({ code: 'process.not_ready', message: 'planner was not ready.', retryable: true, remedy: 'Read the log.' }));
    expect(await ask('POST', '/processes/planner/start')).toMatchObject({ status: 503, body: { code: 'process.not_ready', retryable: true } });
  });

  it('serves requests about one process one after another', async () => {
    let finish = (): void => undefined;
    kill.mockImplementationOnce(() => new Promise<void>((resolve) => { finish = resolve; }));
    const killing = ask('POST', '/processes/planner/kill');
    while (kill.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const starting = ask('POST', '/processes/planner/start');
    await ask('GET', '/processes');
    expect(start).not.toHaveBeenCalled();
    finish();
    await killing;
    await starting;
    expect(start).toHaveBeenCalledTimes(1);
  });
});
