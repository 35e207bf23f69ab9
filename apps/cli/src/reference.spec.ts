import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { programOf } from './program.js';
import { leaves, withReference } from './reference.js';

const file = new URL('../../../docs/cli.md', import.meta.url);
const program = programOf({ gateway: () => { throw new Error('nothing is asked'); }, terminal: { out: () => undefined, write: () => undefined } });

describe('docs/cli.md', () => {
  it('lists the commands as the program has them', () => {
    const page = readFileSync(file, 'utf8');
    const made = withReference(page, program);
    if (process.env['HOLDFAST_WRITE_REFERENCE'] === '1') return writeFileSync(file, made);
    expect(page).toBe(made);
    expect(page.split('\n').filter((line) => line.startsWith('| ')).length).toBeGreaterThan(40);
    expect(leaves(program).length).toBeGreaterThan(40);
  });
});
