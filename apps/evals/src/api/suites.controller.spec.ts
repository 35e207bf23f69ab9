import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { HoldfastError } from '@holdfast/contracts';
import type { SuiteJob } from '../reporting/report.js';
import { SuiteRunner } from '../runner/suite-runner.js';
import type { Suite } from '../suites/suite.js';
import { API_KEY } from './api-key.guard.js';
import { SUITES_FOLDER, SuitesController } from './suites.controller.js';

const key = 'hf_0123456789abcdef';
const job: SuiteJob = { id: 'j1', suite: 's', state: 'running', total: 1, done: [] };
const begin = jest.fn<(suite: Suite) => SuiteJob>(() => job);
const runner = { begin, find: (id: string) => (id === 'j1' ? job : undefined), list: () => [job], wait: async () => ({ ...job, state: 'finished' }) };
const suite = { name: 's', cases: [{ name: 'c', event: { specversion: '1.0', id: '1', source: '/s', type: 't', data: { goal: 'Pay.' } }, expect: {} }] };

@Module({ controllers: [SuitesController], providers: [{ provide: API_KEY, useValue: key }, { provide: SUITES_FOLDER, useValue: undefined }, { provide: SuiteRunner, useValue: runner }] })
class TestModule {}

let app: NestFastifyApplication;

async function ask(method: 'GET' | 'POST', url: string, payload?: object, authorization: string | undefined = `Bearer ${key}`): Promise<{ status: number; body: unknown }> {
  const response = await app.inject({ method, url, headers: authorization === '' ? {} : { authorization }, ...(payload === undefined ? {} : { payload }) });
  return { status: response.statusCode, body: response.json() };
}

beforeAll(async () => {
  app = await NestFactory.create<NestFastifyApplication>(TestModule, new FastifyAdapter(), { logger: false });
  await app.init();
});
afterAll(() => app.close());

describe('POST /v1/suites', () => {
  it('lets in nobody but who shows the key', async () => {
    for (const authorization of ['', 'Bearer', 'Bearer undefined', `Bearer ${key.slice(0, -1)}`, key]) {
      expect(await ask('POST', '/v1/suites', { suite }, authorization)).toMatchObject({ status: 401, body: { code: 'auth.key-unknown' } });
      expect(await ask('GET', '/v1/suites', undefined, authorization)).toMatchObject({ status: 401 });
    }
    expect(begin).not.toHaveBeenCalled();
  });

  it('answers when the suite has ended, or at once when that is asked', async () => {
    expect(await ask('POST', '/v1/suites', { suite })).toMatchObject({ status: 200, body: { state: 'finished' } });
    expect(await ask('POST', '/v1/suites', { suite, wait: false })).toMatchObject({ status: 200, body: { id: 'j1', state: 'running' } });
    expect(begin.mock.calls[0]?.[0]).toMatchObject({ name: 's', repeats: 1, cases: [{ timeoutSeconds: 60 }] });
  });

  it('says what is wrong with a suite, with a body that is neither form, and with a path where none may be named', async () => {
    expect(await ask('POST', '/v1/suites', { suite: { ...suite, cases: [] } })).toMatchObject({ status: 400, body: { code: 'suite.invalid', message: expect.stringContaining('cases: ') } });
    expect(await ask('POST', '/v1/suites', { sweet: suite })).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(await ask('POST', '/v1/suites', { path: 'recovery.yaml' })).toMatchObject({ status: 400, body: { code: 'suite.outside' } });
  });

  it('answers 409 while another suite runs', async () => {
    begin.mockImplementationOnce(() => { throw new HoldfastError({ code: 'suite.running', message: 'Another one runs.', retryable: true, remedy: 'Wait.' }); });
    expect(await ask('POST', '/v1/suites', { suite })).toMatchObject({ status: 409, body: { code: 'suite.running', retryable: true } });
  });
});

describe('GET /v1/suites', () => {
  it('tells how far a suite is, and knows no others', async () => {
    expect(await ask('GET', '/v1/suites/j1')).toEqual({ status: 200, body: job });
    expect(await ask('GET', '/v1/suites')).toEqual({ status: 200, body: { suites: [job] } });
    expect(await ask('GET', '/v1/suites/j2')).toMatchObject({ status: 404, body: { code: 'suite.unknown' } });
  });
});
