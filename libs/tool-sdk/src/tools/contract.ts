import { HoldfastError, toolContract, type ToolContract } from '@holdfast/contracts';
import { z } from 'zod';
import { digestOf } from './digest.js';
import type { Tool } from './define-tool.js';

/**
 * Writes a tool down as data. Both schemas become JSON Schema (draft 2020-12): the input as a caller writes it, the
 * output as a reader finds it. The digest is the SHA-256 of the canonical form of every other field.
 */
export function buildContract(tool: Omit<Tool, 'contract'>): ToolContract {
  const fields = {
    name: tool.name,
    description: tool.description,
    adapter: tool.adapter,
    effect: tool.effect,
    input: jsonSchema(tool, 'input'),
    output: jsonSchema(tool, 'output'),
    identity: [...tool.identity],
    roles: { ...tool.roles },
    outputLabel: { trust: tool.outputLabel.trust, secrecy: tool.outputLabel.secrecy, fields: { ...tool.outputLabel.fields } },
    ...(tool.amountArgument === undefined ? {} : { amountArgument: tool.amountArgument }),
    ...(tool.compensate === undefined ? {} : { compensate: tool.compensate }),
    timeoutMs: tool.timeoutMs,
    retry: { ...tool.retry },
    concurrency: tool.concurrency,
  };
  const parsed = toolContract.safeParse({ ...fields, digest: digestOf(fields) });
  if (!parsed.success) throw invalid(tool.name, z.prettifyError(parsed.error));
  if (fields.effect !== 'read' && fields.identity.length === 0) throw invalid(tool.name, 'it has effects, but no identity arguments that name the operation');
  // An identity that may be missing would make different operations one.
  const required = Array.isArray(fields.input['required']) ? (fields.input['required'] as unknown[]) : [];
  for (const argument of fields.identity) {
    if (!required.includes(argument)) throw invalid(tool.name, `the identity argument "${argument}" is not a required argument of the input`);
  }
  return Object.freeze(parsed.data);
}

function jsonSchema(tool: Omit<Tool, 'contract'>, side: 'input' | 'output'): Record<string, unknown> {
  try {
    return { ...z.toJSONSchema(tool[side], { io: side }) };
  } catch (cause) {
    throw invalid(tool.name, `its ${side} has no JSON Schema (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
}

function invalid(name: string, reason: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'tool.definition-invalid', message: `The tool "${name}" cannot be declared: ${reason}.`, retryable: false, remedy: 'Correct the call to defineTool.', cause });
}
