import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { defineAgent } from '@holdfast/agent-sdk';
import { subjects } from '@holdfast/contracts';
import { askAs, startGateway, type FakeBus } from '../gateway.fixture.js';
import { newLog } from '../runs/run.fixture.js';

const deployed = 'e'.repeat(64);
const { digest: candidate, ...declaration } = defineAgent({ name: 'payables', instructions: 'Pay what is due, and tell.', model: 'scripted', taskTypes: ['invoice.received'], tools: [] });
const canary = { id: 'shorter', agent: 'payables', candidate, percent: 25, metrics: [{ metric: 'failures', margin: 0.1 }, { metric: 'latency', targetSeconds: 30 }] };
const point = (pairs: number) => ({ pairs, candidateRuns: pairs, incumbentRuns: 2 * pairs, metrics: [{ metric: 'failures', candidate: 0.5, incumbent: 0.1, harm: 9, noHarm: -3 }] });

describe('canaries', () => {
  let bus: FakeBus;
  let app: NestFastifyApplication;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    ({ app, bus, stop } = await startGateway(newLog()));
    await askAs(app, 'POST', '/v1/agents/payables/versions', 'admin', { declaration });
  });
  afterEach(() => stop());

  const post = (path: string, body: unknown = {}, who: Parameters<typeof askAs>[3] = 'admin') => askAs(app, 'POST', `/v1/canaries${path}`, who, body);
  const show = async () => (await askAs(app, 'GET', '/v1/canaries/shorter', 'viewer')).body;
  const route = async () => (await askAs(app, 'GET', '/v1/agents/payables', 'viewer')).body.route;
  const routes = () => bus.published.filter(({ subject }) => subject === subjects.agentRoute('payables')).map(({ body }) => body as { readonly shares: unknown; readonly canary?: { readonly step: string } });
  /** As the evals service would. */
  const evals = (subject: string, value: unknown) => bus.publish(subject, JSON.stringify(value));
  const judge = async (verdict: string) => {
    await evals(subjects.canaryEvidence('shorter'), { points: [point(1), point(2)], at: 1 });
    await evals(subjects.canaryVerdict('shorter'), { verdict, reason: 'failures', evidence: point(2), at: 2 });
  };
  const until = async (status: string) => {
    for (;;) {
      const found = await show();
      // The fake bus has no notices, so the keeper looks by its clock.
      if (found.status === status && (await route()).canary.step === (status === 'paused' ? 'paused' : 'ended')) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('get a share of new tasks beside the incumbent once they are declared, and the same declaration again changes nothing', async () => {
    expect(await post('', canary)).toMatchObject({ status: 200, body: { id: 'shorter', status: 'running', incumbent: deployed, candidate, declaration: { alpha: 0.05, metrics: [{ margin: 0.1 }, { margin: 0.1 }] }, evidence: [] } });
    expect((await route())).toMatchObject({ shares: [{ digest: deployed, weight: 75 }, { digest: candidate, weight: 25 }], canary: { id: 'shorter', step: 'begun' } });
    const before = bus.published.length;
    expect((await post('', canary)).status).toBe(200);
    expect(bus.published).toHaveLength(before);
    expect(await post('', { ...canary, percent: 30 })).toMatchObject({ status: 409, body: { code: 'canary.id-taken' } });
    expect((await askAs(app, 'GET', '/v1/canaries', 'viewer')).body).toMatchObject({ canaries: [{ id: 'shorter', pairs: 0 }] });
  });

  it('are refused with the reason: bad declarations, unknown versions, no single incumbent, a second one, and callers who may not', async () => {
    expect(await post('', { ...canary, percent: 100, metrics: [{ metric: 'cost' }] })).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(await post('', { ...canary, metrics: [canary.metrics[0], canary.metrics[0]] })).toMatchObject({ status: 400 });
    expect(await post('', { ...canary, candidate: 'f'.repeat(64) })).toMatchObject({ status: 404, body: { code: 'agent.version-unknown' } });
    expect(await post('', { ...canary, agent: 'nobody' })).toMatchObject({ status: 404, body: { code: 'agent.unknown' } });
    expect(await post('', { ...canary, candidate: deployed })).toMatchObject({ status: 400 });
    expect((await post('', canary, 'operator')).status).toBe(403);
    expect(await post('/shorter/abort')).toMatchObject({ status: 404, body: { code: 'canary.unknown' } });
    await post('', canary);
    expect(await post('', { ...canary, id: 'second' })).toMatchObject({ status: 409, body: { code: 'canary.agent-busy' } });
    await post('/shorter/abort');
    await askAs(app, 'POST', '/v1/agents/payables/route', 'admin', { shares: [{ digest: deployed, weight: 1 }, { digest: candidate, weight: 1 }] });
    expect(await post('', { ...canary, id: 'second' })).toMatchObject({ status: 409, body: { code: 'canary.incumbent-unclear' } });
    expect(await post('', { ...canary, percent: 30 })).toMatchObject({ status: 409 });
  });

  it('are rolled back by the verdict to what was routed before, once, with the curve of their evidence', async () => {
    await post('', canary);
    await judge('roll-back');
    expect(await until('rolled-back')).toMatchObject({ pairs: 2, evidence: [{ pairs: 1 }, { pairs: 2 }], verdict: { verdict: 'roll-back' }, end: { outcome: 'rolled-back', by: 'evals' } });
    expect(routes().map(({ shares, canary: own }) => [shares, own?.step])).toEqual([[[{ digest: deployed, weight: 75 }, { digest: candidate, weight: 25 }], 'begun'], [[], 'ended']]);
    expect(await post('/shorter/promote')).toMatchObject({ status: 409, body: { code: 'canary.ended' } });
  });

  it('are promoted by the verdict, and while they are paused only once they are resumed', async () => {
    await post('', canary);
    expect((await post('/shorter/pause', { comment: 'a moment' })).body).toMatchObject({ status: 'paused', words: [{ word: 'pause', by: 'alma', comment: 'a moment' }] });
    expect((await route())).toMatchObject({ shares: [{ digest: deployed, weight: 100 }, { digest: candidate, weight: 0 }], canary: { step: 'paused' } });
    await judge('promote');
    expect((await show()).status).toBe('paused');
    expect((await post('/shorter/resume')).body).toMatchObject({ status: 'promoted' });
    expect((await route())).toMatchObject({ shares: [{ digest: candidate, weight: 1 }], canary: { step: 'ended' } });
  });

  it('end at a person\'s word, which counts once, and at a route that somebody sets', async () => {
    await post('', canary);
    expect((await post('/shorter/abort', { comment: 'enough' })).body).toMatchObject({ status: 'aborted', end: { by: 'alma', reason: 'enough' } });
    expect((await route())).toMatchObject({ shares: [] });
    await post('', { ...canary, id: 'again' });
    await askAs(app, 'POST', '/v1/agents/payables/route', 'admin', { shares: [{ digest: candidate, weight: 1 }], comment: 'by hand' });
    await evals(subjects.canaryVerdict('again'), { verdict: 'roll-back', reason: 'x', evidence: point(2), at: 2 });
    while ((await askAs(app, 'GET', '/v1/canaries/again', 'viewer')).body.status !== 'superseded') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await post('/again/pause')).toMatchObject({ status: 409, body: { code: 'canary.ended' } });
    expect((await route())).toMatchObject({ comment: 'by hand', shares: [{ digest: candidate, weight: 1 }] });
  });
});
