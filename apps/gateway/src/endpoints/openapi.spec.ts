import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { API_VERSION, ENDPOINTS } from './endpoints.js';
import { describe as describeApi } from './openapi.js';

const file = fileURLToPath(new URL('../../../../docs/reference/openapi.json', import.meta.url));

describe('the OpenAPI description', () => {
  it('is up to date in the reference, of which the console\'s types are made', () => {
    const text = `${JSON.stringify(describeApi(ENDPOINTS, API_VERSION), undefined, 1)}\n`;
    if (process.env['HOLDFAST_WRITE_REFERENCE'] !== undefined) writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('satisfies a linter with its recommended rules', async () => {
    const source = JSON.stringify(describeApi(ENDPOINTS, API_VERSION));
    const problems = await lintFromString({ source, config: await createConfig({ extends: ['recommended'] }) });

    expect(problems.map(({ severity, ruleId, message, location }) => `${severity} ${ruleId}: ${message} at ${location[0]?.pointer ?? ''}`)).toEqual([]);
  });
});
