import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { agentFile, defineAgent, parseAgents, readAgents } from './index.js';

const reference = (name: string): string => fileURLToPath(new URL(`../../../docs/reference/${name}`, import.meta.url));
const example = readFileSync(reference('agents.example.yaml'), 'utf8');
const instructions = (name: string): string => {
  if (name !== 'refunds.md') throw new Error(`there is no ${name}`);
  return 'Refund what is due.';
};
const parse = (text: string) => parseAgents(text, 'agents.yaml', instructions);

/** The error that a file is refused with. */
function refusalOf(text: string): { readonly code: string; readonly message: string; readonly remedy: string } {
  try {
    parse(text);
  } catch (error) {
    return error as { code: string; message: string; remedy: string };
  }
  throw new Error('the file was accepted');
}

describe('an agent file', () => {
  it('becomes sealed agents, with what they have in common and the text beside it', () => {
    const [refunds, triage] = readAgents(reference('agents.example.yaml'));
    expect(refunds).toMatchObject({
      name: 'refunds', model: 'openai/gpt-5', fallbacks: ['anthropic/claude-sonnet-4-5'], trustTier: 'supervised', memoryScopes: ['refunds/rules'],
      instructions: readFileSync(reference('refunds.md'), 'utf8').trim(), budgets: { maxSteps: 8, deadlineSeconds: 3_600, approvalSeconds: 86_400, tools: { refund_order: { maxCalls: 1, maxAmount: 50_000 } } },
    });
    expect(triage).toMatchObject({ model: 'openai/gpt-5-mini', fallbacks: [], strategy: 'plan-then-execute', budgets: { maxSteps: 20 }, tools: [], inputTrust: {} });
  });

  it('makes the same version as the same agent in TypeScript', () => {
    const [agent] = parse('agents: [{ name: payer, instructions: Pay., model: scripted, taskTypes: [invoice], tools: [pay] }]');
    expect(agent).toEqual(defineAgent({ name: 'payer', instructions: 'Pay.', model: 'scripted', taskTypes: ['invoice'], tools: ['pay'] }));
  });

  it('makes another version of any change to its text, also of the text beside it', () => {
    const [before] = parse(example);
    expect(parseAgents(example, 'agents.yaml', () => 'Refund nothing.')[0]?.digest).not.toBe(before?.digest);
    expect(parse(example.replace('maxCalls: 1', 'maxCalls: 2'))[0]?.digest).not.toBe(before?.digest);
    expect(parse(example.replace('# asked in this order', '# asked one by one'))[0]?.digest).toBe(before?.digest);
  });

  it('may leave the planning to a process outside, and then needs no model', () => {
    const external = 'agents: [{ name: graph, strategy: external, reasoner: my-graph, taskTypes: [t], instructions: Do it. }]';
    expect(parse(external)).toMatchObject([{ strategy: 'external', reasoner: 'my-graph' }]);
    expect(parse(external)[0]).not.toHaveProperty('model');
  });

  it('has a description as JSON Schema that is up to date', () => {
    const text = `${JSON.stringify({ title: 'Agents', ...z.toJSONSchema(agentFile, { io: 'input' }) }, null, 2)}\n`;
    if (process.env['HOLDFAST_WRITE_REFERENCE'] !== undefined) writeFileSync(reference('agents.schema.json'), text);
    expect(readFileSync(reference('agents.schema.json'), 'utf8')).toBe(text);
  });

  it.each([
    ['a misspelt field', example.replace('memoryScopes:', 'memoryScope:'), /line 9: the agent "refunds": .*memoryScope/],
    ['a budget that is no number', example.replace('maxSteps: 8', 'maxSteps: many'), /line 16: the agent "refunds", field "budgets.maxSteps": .*number/],
    ['an unknown strategy', example.replace('strategy: plan-then-execute', 'strategy: plan'), /line 27: the agent "triage", field "strategy": /],
    ['a name that no subject can have', example.replace('name: triage', 'name: Tri.age'), /the agent "Tri.age", field "name": must be lower-case/],
    ['an output schema that is none', example.replace('refunded: { type: boolean }', 'refunded: { type: truth }'), /line 18: the agent "refunds", field "outputSchema": .*final answer/],
    ['a budget of a tool that it does not have', example.replace('tools: { refund_order: {', 'tools: { pay_invoice: {'), /line 16: the agent "refunds", field "budgets.tools": limits "pay_invoice"/],
    ['a tool that it has anyway, on request', example.replace('toolsOnRequest: [write_mail]', 'toolsOnRequest: [find_order]'), /field "toolsOnRequest": names "find_order", which is among its tools/],
    ['a tool named twice', example.replace('tools: [find_order, refund_order]', 'tools: [refund_order, refund_order]'), /line 12: the agent "refunds", field "tools": names "refund_order" twice/],
    ['instructions in two ways', example.replace('    instructionsFile:', '    instructions: Pay.\n    instructionsFile:'), /line 9: the agent "refunds": it needs "instructions" or "instructionsFile", and not both/],
    ['instructions in none', example.replace(/ {4}instructionsFile:.*\n/, ''), /it needs "instructions" or "instructionsFile"/],
    ['instructions that are not there', example.replace('refunds.md ', 'other.md '), /line 10: the agent "refunds", field "instructionsFile": there is no other.md/],
    ['instructions from elsewhere', example.replace('refunds.md ', '../../etc/passwd '), /line 10: .*"..\/..\/etc\/passwd" is not beside the agent file/],
    ['instructions from the root', example.replace('refunds.md ', '/etc/passwd '), /is not beside the agent file/],
    ['a reasoner without the strategy', example.replace('    name: refunds', '    name: refunds').replace('- name: refunds', '- name: refunds\n    reasoner: graph'), /field "reasoner": goes with the strategy "external"/],
    ['the strategy without a reasoner', example.replace('strategy: plan-then-execute', 'strategy: external'), /the agent "triage", field "reasoner": goes with the strategy/],
    ['an agent without a model', example.replace('  model: openai/gpt-5\n', ''), /the agent "refunds": it has no model/],
    ['two agents of one name', example.replace('name: triage', 'name: refunds'), /line 23: the agent "refunds": it is declared twice/],
    ['a key that stands twice', example.replace('    tools: []', '    tools: []\n    tools: []'), /Map keys must be unique.* at line 30/],
    ['no YAML', '{ agents: [', /at line 1/],
    ['an empty file', '', /expected object/],
    ['a flood', 'x'.repeat(5_000_000), /more than 4194304 bytes/],
  ])('is refused for %s, with its place and what to do', (_what, text, message) => {
    expect(refusalOf(text)).toMatchObject({ code: 'agents.invalid', message: expect.stringMatching(message), remedy: expect.stringContaining('agents.schema.json') });
  });

  it('that does not exist is named', () => {
    expect(() => readAgents('/nowhere/agents.yaml')).toThrow(/"\/nowhere\/agents.yaml" cannot be read/);
  });
});
