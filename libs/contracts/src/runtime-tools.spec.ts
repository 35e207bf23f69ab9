import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { RUNTIME_TOOLS, canonicalJson, catalog, childRunIdOf, toolContract, waitTool } from './index.js';

describe('the tools that Holdfast itself serves', () => {
  it.each(RUNTIME_TOOLS.map((contract) => [contract.name, contract] as const))('%s is a contract whose digest is over every other field', (_name, contract) => {
    const { digest, ...body } = toolContract.parse(contract);
    expect(digest).toBe(createHash('sha256').update(canonicalJson(body)).digest('hex'));
  });

  it('cannot be redeclared: a catalogue refuses their names and their adapter for anything else', () => {
    expect(catalog.safeParse({ agents: [], tools: [waitTool] }).success).toBe(true);
    expect(catalog.safeParse({ agents: [], tools: [{ ...waitTool, description: 'Waits.', digest: 'd'.repeat(64) }] }).success).toBe(false);
    expect(catalog.safeParse({ agents: [], tools: [{ ...waitTool, adapter: 'default' }] }).success).toBe(false);
    expect(catalog.safeParse({ agents: [], tools: [{ ...waitTool, name: 'wait', digest: 'd'.repeat(64) }] }).success).toBe(false);
    expect(catalog.safeParse({ agents: [], tools: [{ ...waitTool, adapter: 'default', digest: 'd'.repeat(64) }] }).success).toBe(false);
  });

  it('give a child run an id that follows from its parent and call, until it would be too long for an identifier', () => {
    expect(childRunIdOf('r1', 'c3-1')).toBe('r1_c3-1');
    expect(childRunIdOf('r'.repeat(60), 'c3-1')).toBeUndefined();
  });
});
