import { hash } from 'node:crypto';
import { McpError, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { EffectClass } from '@holdfast/contracts';
import { ToolError } from '@holdfast/tool-sdk';
import type { McpToolOverlay } from './overlay.js';

/** JSON-RPC 2.0: the method, or the tool, is not there; the arguments are wrong. Both come before anything is done. */
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
const LONGEST_REASON = 1_000;

/** What a call that threw says about the effect. Whatever came after the request was written may have come after the effect. */
export function toToolError(error: unknown, tool: string): ToolError {
  if (error instanceof ToolError) return error;
  const message = `${tool} failed at its MCP server: ${error instanceof Error ? error.message.slice(0, LONGEST_REASON) : String(error)}`;
  if (error instanceof McpError && (error.code === METHOD_NOT_FOUND || error.code === INVALID_PARAMS)) return ToolError.refused({ code: 'mcp.refused', message, remedy: 'Compare the contract with what the server offers now.', cause: error });
  return ToolError.unknown({ code: 'mcp.unanswered', message, remedy: 'Look whether the server acted, and at its log.', cause: error });
}

/** An answer with `isError` is the tool's own word that it failed; what that says about an effect is the operator's to know. */
export function failureIn(result: CallToolResult, tool: string, effect: EffectClass, { errorsMean }: McpToolOverlay): ToolError | undefined {
  if (result.isError !== true) return undefined;
  const message = `${tool} answered with an error: ${textOf(result).slice(0, LONGEST_REASON)}`;
  const meaning = errorsMean ?? (effect === 'read' ? 'refused' : 'unknown');
  if (meaning === 'refused') return ToolError.refused({ code: 'mcp.tool-error', message });
  return meaning === 'not-done' ? ToolError.notDone({ code: 'mcp.tool-error', message }) : ToolError.unknown({ code: 'mcp.tool-error', message });
}

function textOf({ content }: CallToolResult): string {
  return content.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join(' ');
}

/** Content blocks as plain JSON. What is not text is named by its size and digest, so that no image reaches the log. */
export function contentOf({ content }: CallToolResult): { readonly content: readonly Readonly<Record<string, unknown>>[] } {
  return {
    content: content.map((block) => {
      switch (block.type) {
        case 'text': return { type: 'text', text: block.text };
        case 'image':
        case 'audio': return { type: block.type, mimeType: block.mimeType, ...digested(block.data) };
        case 'resource_link': return { type: 'resource_link', uri: block.uri, name: block.name };
        case 'resource': return { type: 'resource', uri: block.resource.uri, ...('text' in block.resource ? { text: block.resource.text } : digested(block.resource.blob)) };
      }
    }),
  };
}

function digested(base64: string): { readonly bytes: number; readonly sha256: string } {
  const bytes = Buffer.from(base64, 'base64');
  return { bytes: bytes.byteLength, sha256: hash('sha256', bytes) };
}
