import { describe, expect, it } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { API_VERSION, ENDPOINTS } from './endpoints.js';
import { describe as describeApi } from './openapi.js';

describe('the OpenAPI description', () => {
  it('satisfies a linter with its recommended rules', async () => {
    const source = JSON.stringify(describeApi(ENDPOINTS, API_VERSION));
    const problems = await lintFromString({ source, config: await createConfig({ extends: ['recommended'] }) });

    expect(problems.map(({ severity, ruleId, message, location }) => `${severity} ${ruleId}: ${message} at ${location[0]?.pointer ?? ''}`)).toEqual([]);
  });
});
