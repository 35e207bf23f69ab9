import type { LanguageModel } from 'ai';

/**
 * The language model interface of the AI SDK, version 4 of its specification, which `ai` 7 calls natively. It is taken
 * from `ai` itself, so that it is always the one that the planner's `generateText` expects.
 */
export type ProviderLanguageModel = Extract<LanguageModel, { readonly specificationVersion: 'v4' }>;

export type ModelCall = Parameters<ProviderLanguageModel['doGenerate']>[0];
export type ModelResult = Awaited<ReturnType<ProviderLanguageModel['doGenerate']>>;
export type ModelStream = Awaited<ReturnType<ProviderLanguageModel['doStream']>>;
export type ModelStreamPart = ModelStream['stream'] extends ReadableStream<infer Part> ? Part : never;
export type ModelMessage = ModelCall['prompt'][number];
export type OfferedTool = Extract<NonNullable<ModelCall['tools']>[number], { readonly type: 'function' }>;
export type ToolResultPart = Extract<Extract<ModelMessage, { readonly role: 'tool' }>['content'][number], { readonly type: 'tool-result' }>;
