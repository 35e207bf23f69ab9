import 'reflect-metadata';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { exportPKCS8, generateKeyPair } from 'jose';
import { Authorizer } from './authorizer/authorizer.js';
import { KEY, NOW, accepted, catalog, commitsOf } from './authorizer/run.fixture.js';
import { policyConfiguration } from './configuration/configuration.js';
import { AUTHORIZER, PolicyModule } from './policy.module.js';

describe('the policy module', () => {
  it('answers from a folder, a catalog and a key file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'policy-module-'));
    try {
      await writeFile(join(folder, 'a.cedar'), 'permit (principal, action == Action::"pay_invoice", resource);');
      await writeFile(join(folder, 'key.pem'), await exportPKCS8((await generateKeyPair('EdDSA', { extractable: true })).privateKey));
      const configuration = policyConfiguration.parse({ HOLDFAST_POLICIES: folder, HOLDFAST_CATALOG: join(folder, 'catalog.json'), HOLDFAST_PERMIT_PRIVATE_KEY: join(folder, 'key.pem') });
      const application = await NestFactory.createApplicationContext(
        PolicyModule.register({ configuration, clock: () => NOW, catalog: { useFactory: () => ({ catalog }) }, logger: { useFactory: () => ({ info: () => undefined, error: () => undefined }) }, logReader: { useFactory: () => ({ readAfter: () => Promise.resolve(commitsOf([accepted])) }) } }), { logger: false, abortOnError: false },
      );

      expect((await application.get<Authorizer>(AUTHORIZER).visible(KEY)).tools).toEqual(['pay_invoice']);
      await application.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names each variable that is missing', () => {
    expect(policyConfiguration.safeParse({}).error?.issues.map((issue) => issue.path[0])).toEqual(['HOLDFAST_POLICIES', 'HOLDFAST_CATALOG', 'HOLDFAST_PERMIT_PRIVATE_KEY']);
  });
});
