import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processFailpoints } from './process-failpoints.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-failpoint-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the failpoints of a process', () => {
  it('kill it at the named point only, and only once', () => {
    const kill = jest.fn();
    const failpoints = processFailpoints({ HOLDFAST_FAILPOINT: 'after-effect' }, kill);
    failpoints.hit('after-claim');
    expect(kill).not.toHaveBeenCalled();
    failpoints.hit('after-effect');
    failpoints.hit('after-effect');
    expect(kill).toHaveBeenCalledTimes(1);
  });

  it('spare the process that is started again with the same environment and file', () => {
    const kill = jest.fn();
    const environment = { HOLDFAST_FAILPOINT: 'after-claim', HOLDFAST_FAILPOINT_FILE: join(folder, 'hit') };
    processFailpoints(environment, kill).hit('after-claim');
    processFailpoints(environment, kill).hit('after-claim');

    expect(kill).toHaveBeenCalledTimes(1);
  });

  it('are several where several are named, each with a file of its own whose removal asks for another death', () => {
    const kill = jest.fn();
    const file = join(folder, 'hit');
    const failpoints = processFailpoints({ HOLDFAST_FAILPOINT: 'after-claim,after-effect', HOLDFAST_FAILPOINT_FILE: file }, kill);
    writeFileSync(`${file}.after-effect`, '');
    failpoints.hit('after-effect');
    expect(kill).not.toHaveBeenCalled();
    failpoints.hit('after-claim');
    expect(kill).toHaveBeenCalledTimes(1);
    rmSync(`${file}.after-effect`);
    failpoints.hit('after-effect');
    expect(kill).toHaveBeenCalledTimes(2);
  });

  it('do nothing when nothing is asked for', () => {
    const kill = jest.fn();
    processFailpoints({}, kill).hit('after-effect');

    expect(kill).not.toHaveBeenCalled();
  });

  it('name the points that exist when another is asked for', () => {
    expect(() => processFailpoints({ HOLDFAST_FAILPOINT: 'after-claim,whenever' })).toThrow(/"whenever", which is no failpoint/);
  });
});
