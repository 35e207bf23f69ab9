import type { Endpoint } from '../endpoints/endpoint.js';
import { publicEvent } from '../runs/public-event.js';
import { runSummary } from '../runs/run-summary.js';
import { runParameters } from '../runs/runs.endpoints.js';

export const streamRunEvents: Endpoint = {
  id: 'streamRunEvents', method: 'GET', path: '/v1/runs/:runId/stream', role: 'viewer', status: 200, parameters: runParameters,
  summary: 'A run\'s events as they happen (server-sent events): all so far, then each new one; closes after the last. 204 when an ended run has nothing after Last-Event-ID.',
  headers: { 'Last-Event-ID': 'The id of the event received last; the stream goes on after it.' },
  answer: { 'text/event-stream': publicEvent }, problems: [404],
};

export const streamRunChanges: Endpoint = {
  id: 'streamRunChanges', method: 'GET', path: '/v1/stream', role: 'viewer', status: 200,
  summary: 'The summary of each run of the tenant when it changes (server-sent events, event "run"). Changes before the stream was opened, and before the gateway answers lists, are not told: open it first, then read the list.',
  answer: { 'text/event-stream': runSummary },
};
