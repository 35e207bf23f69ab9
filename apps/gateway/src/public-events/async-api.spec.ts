import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Parser as ParserClass } from '@asyncapi/parser';
import { asyncApi } from './async-api.js';

const { Parser } = createRequire(import.meta.url)('@asyncapi/parser') as { readonly Parser: typeof ParserClass };
const file = fileURLToPath(new URL('../../../../docs/reference/events.asyncapi.json', import.meta.url));

describe('the description of tasks and public events', () => {
  it('is up to date', () => {
    const text = `${JSON.stringify(asyncApi(), null, 2)}\n`;
    if (process.env['HOLDFAST_WRITE_REFERENCE'] !== undefined) writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is AsyncAPI 3, by the parser of that project', async () => {
    const { document, diagnostics } = await new Parser().parse(readFileSync(file, 'utf8'));
    expect(diagnostics.filter(({ severity }) => severity === 0).map(({ message, path }) => `${path.join('.')}: ${message}`)).toEqual([]);
    expect(document?.operations().all().map((operation) => operation.id()).sort()).toEqual(['publishTask', 'readRefusals', 'readRuns']);
  });
});
