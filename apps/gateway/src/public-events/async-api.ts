import { PUBLIC_EVENT_KINDS, TEAM_API_PREFIX, EVENTS_STREAM, asyncApiDocument, asyncApiMessage, publicEventOf, subjects, taskEvent, type PublicEventKind } from '@holdfast/contracts';

type Json = Record<string, unknown>;

const SUMMARIES: Readonly<Record<PublicEventKind, string>> = {
  'run-accepted': 'A run has begun: of a task event, of a call of another run, or as a fork of one.',
  'approval-requested': 'The run waits until somebody approves or rejects a call.',
  'approval-answered': 'Somebody has answered, or nobody has in time.',
  'question-asked': 'The run waits until somebody answers what its model asks.',
  'tool-called': 'A call was permitted and sent.',
  'tool-answered': 'What became of a call.',
  'call-refused': 'A call was refused and not sent.',
  'run-paused': 'A person has paused the run.',
  'run-resumed': 'The run goes on.',
  'run-ended': 'The run has ended, and nothing of it follows.',
  'content-erased': 'What would be told here was erased before it could be.',
  'task-refused': 'A task event was refused and is no run.',
};

/** The name of a component: `run-ended` as `RunEnded`. */
const componentOf = (kind: PublicEventKind): string => kind.replace(/(^|-)([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase());
const ofRuns = PUBLIC_EVENT_KINDS.filter((kind) => kind !== 'task-refused');
const references = (kinds: readonly PublicEventKind[]): Json => Object.fromEntries(kinds.map((kind) => [componentOf(kind), { $ref: `#/components/messages/${componentOf(kind)}` }]));
const tenant = { description: 'The tenant of the team: the broker refuses every other one.' };

/** What teams outside publish and read, as an AsyncAPI 3 document made of the very schemas that check it. */
export function asyncApi(): Json {
  return asyncApiDocument({
    title: 'Holdfast tasks and public run events', role: 'TEAM-<name>',
    description: [
      'A team publishes tasks of its tenant and reads what becomes of them with nothing but a client of NATS. It connects with the nkey of its account, under the inbox prefix `_INBOX.TEAM-<name>`.',
      `Events are read by the durable pull consumer with the team's name on the stream \`${EVENTS_STREAM}\`, under the JetStream prefix \`${TEAM_API_PREFIX}\` in the place of \`$JS.API\`. It remembers how far the team is; what is not acknowledged comes again. An event is in the stream once and for seven days, in the order of its run, and is known by \`source\` and \`id\`.`,
      'Events name things and carry no text: no goal, argument, result, reason or answer.',
    ],
    channels: {
      tasks: { address: subjects.tasks('{tenant}'), description: 'Task events, structured or in binary mode. The same source and id are the same run, however often it is published.', messages: { Task: { $ref: '#/components/messages/Task' } }, parameters: { tenant }, bindings: { nats: {} } },
      runs: {
        address: 'event.{tenant}.run.{run}.{place}.{kind}', description: 'What becomes of runs.', messages: references(ofRuns),
        parameters: { tenant, run: { description: 'The run.' }, place: { description: 'Commit and index with a hyphen between them.' }, kind: { description: 'The type of the event without its prefix.', enum: [...ofRuns] } }, bindings: { nats: {} },
      },
      refusals: { address: subjects.taskRefused('{tenant}', '{letter}'), description: 'Task events that were refused.', messages: references(['task-refused']), parameters: { tenant, letter: { description: 'The dead letter.' } }, bindings: { nats: {} } },
    },
    operations: {
      publishTask: { action: 'send', channel: { $ref: '#/channels/tasks' }, messages: [{ $ref: '#/channels/tasks/messages/Task' }] },
      readRuns: { action: 'receive', channel: { $ref: '#/channels/runs' } },
      readRefusals: { action: 'receive', channel: { $ref: '#/channels/refusals' } },
    },
    messages: {
      Task: asyncApiMessage('What is wanted.', taskEvent, { contentType: 'application/cloudevents+json', examples: [{ name: 'invoice', payload: { specversion: '1.0', id: 'inv-1', source: '/erp', type: 'invoice.received', data: { goal: 'Pay invoice 1.' } } }] }),
      ...Object.fromEntries(PUBLIC_EVENT_KINDS.map((kind) => [componentOf(kind), asyncApiMessage(SUMMARIES[kind], publicEventOf[kind], { contentType: 'application/cloudevents+json' })])),
    },
  });
}
