import type { Command } from 'commander';
import { z } from 'zod';
import { oneLine, table } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

const question = z.looseObject({ runId: z.string(), callId: z.string(), agent: z.string(), text: z.string(), choices: z.array(z.string()).optional(), goal: z.string(), askedAt: z.number(), until: z.number().optional() });
const list = z.looseObject({ questions: z.array(question), more: z.boolean() });
const stored = z.looseObject({ duplicate: z.boolean() });

/** What agents ask people; the words are a model's. */
export const addQuestionsCommands: AddCommands = (program, means) => {
  const command = program.command('questions').description('Questions that agents ask. Their words are a model\'s: never answer with a password or a key.');
  command.command('list', { isDefault: true }).description('Lists them.').option('--json', 'as JSON').action((options: { readonly json?: true }) => show(options, means));
  addAnswer(command, means);
};

async function show({ json }: { readonly json?: true }, { gateway, terminal }: Means): Promise<void> {
  const found = await gateway().get('/v1/questions', list);
  if (json === true) return terminal.out(JSON.stringify(found, null, 2));
  if (found.questions.length === 0) return terminal.out('Nothing is asked.');
  terminal.out(table(['run', 'call', 'agent', 'since', 'until', 'asks'], found.questions.map(({ runId, callId, agent, askedAt, until, text, choices }) => [
    runId, callId, agent, new Date(askedAt).toISOString(), until === undefined ? '' : new Date(until).toISOString(), oneLine(`${text}${choices === undefined ? '' : ` [${choices.join(' | ')}]`}`, 300),
  ])));
  if (found.more) terminal.out('\nThere are more.');
}

function addAnswer(command: Command, { gateway, terminal }: Means): void {
  command.command('answer').description('Answers one; the run goes on with it.').argument('<run>').argument('<call>').argument('<answer>')
    .action(async (runId: string, callId: string, answer: string) => {
      const { duplicate } = await gateway().post(`/v1/runs/${encodeURIComponent(runId)}/questions/${encodeURIComponent(callId)}`, { answer }, stored);
      terminal.out(duplicate ? 'That was said already.' : 'Recorded.');
    });
}
