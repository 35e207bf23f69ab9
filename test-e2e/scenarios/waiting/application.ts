import { appendFile } from 'node:fs/promises';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { contractOf, defineTool, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { scripted } from '../scripted-model.ts';

const common = { instructions: 'Follow the script.', model: 'scripted', trustTier: 'trusted' as const };
export const agents: AgentModule['agents'] = [
  defineAgent({ ...common, name: 'lead', inputTrust: { 'input.script': 'user' }, taskTypes: ['com.example.lead'], tools: ['holdfast_wait', 'holdfast_wait_signal', 'holdfast_ask_person', 'holdfast_start_run', 'reserve', 'release'] }),
  defineAgent({ ...common, name: 'helper', taskTypes: ['com.example.help'], tools: ['holdfast_wait'] }),
];
export const models: AgentModule['models'] = { scripted: () => scripted };

const seat = z.strictObject({ seat: z.string() });
const effect = {
  input: seat, output: z.object({ reservation: z.string() }), effect: 'keyed' as const, identity: ['seat'] as const, roles: { seat: 'target' as const },
  outputLabel: { trust: 'organisation' as const, secrecy: 'internal' as const }, timeoutMs: 2_000, retry: { attempts: 3, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 8,
};

/** Effects are lines of a file, which anyone can count. */
function toolsOn(file: string): readonly Tool[] {
  return [
    defineTool({
      ...effect, name: 'reserve', description: 'Reserves a seat.', compensate: { tool: 'release', arguments: { seat: { argument: 'seat' } } },
      execute: async ({ seat: name }) => {
        await appendFile(file, `reserve ${name}\n`);
        return { reservation: `reservation-${name}` };
      },
    }),
    defineTool({
      ...effect, name: 'release', description: 'Releases a seat.',
      execute: async ({ seat: name }) => {
        await appendFile(file, `release ${name}\n`);
        return { reservation: `reservation-${name}` };
      },
    }),
  ];
}

export const tools: ToolModule['tools'] = ({ variables }) => toolsOn(variables['SEATS_FILE'] ?? '/dev/null');
export const contracts: ToolModule['contracts'] = toolsOn('/dev/null').map((tool) => contractOf(tool));
