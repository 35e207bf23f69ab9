import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Parser as ParserClass } from '@asyncapi/parser';
import { reasonerAnswer, reasonerFailure, reasonerProgress, reasonerRequest } from '@holdfast/contracts';
import { stringify } from 'yaml';
import { asyncApi } from './async-api.js';

const { Parser } = createRequire(import.meta.url)('@asyncapi/parser') as { readonly Parser: typeof ParserClass };
const file = fileURLToPath(new URL('../../../../docs/reference/reasoner.asyncapi.yaml', import.meta.url));

describe('the description of the protocol of reasoners', () => {
  it('is up to date', () => {
    const text = stringify(asyncApi(), { lineWidth: 140, aliasDuplicateObjects: false });
    if (process.env['HOLDFAST_WRITE_REFERENCE'] !== undefined) writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is AsyncAPI 3, by the parser of that project', async () => {
    const { document, diagnostics } = await new Parser().parse(readFileSync(file, 'utf8'));
    expect(diagnostics.filter(({ severity }) => severity === 0).map(({ message, path }) => `${path.join('.')}: ${message}`)).toEqual([]);
    expect(document?.operations().all().map((operation) => operation.id())).toEqual(['propose']);
  });

  it('has examples that its schemas take', () => {
    const { messages } = asyncApi()['components'] as { readonly messages: Record<string, { readonly examples: readonly { readonly payload: unknown }[] }> };
    for (const [name, schema] of Object.entries({ Request: reasonerRequest, Progress: reasonerProgress, Answer: reasonerAnswer, Failure: reasonerFailure })) {
      for (const { payload } of messages[name]?.examples ?? []) expect(schema.safeParse(payload)).toMatchObject({ success: true });
    }
  });
});
