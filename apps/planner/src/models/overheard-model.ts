import { wrapLanguageModel, type LanguageModel, type LanguageModelMiddleware } from 'ai';
import { ModelError } from './model-error.js';

/** Told of a model's words while it speaks. Nothing waits for it, and it may not throw. */
export interface ModelListener {
  /** A call of this model has begun. Whatever was heard before is void: the same model is asked again, or another one. */
  started(model: string): void;
  said(text: string): void;
}

type Generate = NonNullable<LanguageModelMiddleware['wrapGenerate']>;
type Answer = Awaited<ReturnType<Generate>>;
type Streamed = Awaited<ReturnType<Parameters<Generate>[0]['doStream']>>;
type Part = Streamed['stream'] extends ReadableStream<infer P> ? P : never;
type Block = Extract<Answer['content'][number], { type: 'text' | 'reasoning' }>;

/**
 * The same model, which is heard while it answers: whoever asks it for a whole answer makes it stream, and is given what the
 * stream amounts to. So tokens can be watched without a second way to ask a model. Its reasoning is not told. A model
 * of an agent module's own that cannot stream is heard when it has answered.
 *
 * A model that has been asked and sends nothing at all for `firstTokenMs` is given up: throws `model.silent` (retryable).
 */
export function overheard(model: LanguageModel, listener: ModelListener, firstTokenMs: number): LanguageModel {
  if (typeof model === 'string') return model;
  return wrapLanguageModel({
    model,
    middleware: {
      wrapGenerate: async ({ doGenerate, params, model: asked }) => {
        listener.started(asked.modelId);
        if (typeof model.doStream === 'function') {
          const patience = new Patience(firstTokenMs);
          try {
            const abortSignal = params.abortSignal === undefined ? patience.signal : AbortSignal.any([params.abortSignal, patience.signal]);
            return await wholeAnswer(await asked.doStream({ ...params, abortSignal }), asked, listener, () => patience.heard());
          } catch (error) {
            throw patience.signal.aborted ? silent(asked, firstTokenMs) : error;
          } finally {
            patience.heard();
          }
        }
        const answer = await doGenerate();
        for (const part of answer.content) if (part.type === 'text') listener.said(part.text);
        return answer;
      },
    },
  });
}

/** Aborts its signal unless something is heard in time. */
class Patience {
  private readonly ending = new AbortController();
  private readonly timer: NodeJS.Timeout;
  readonly signal = this.ending.signal;

  constructor(ms: number) {
    this.timer = setTimeout(() => this.ending.abort(), ms);
  }

  heard(): void {
    clearTimeout(this.timer);
  }
}

/** Throws `model.interrupted` (retryable) when the stream breaks off or ends before the model has said that it is done. */
async function wholeAnswer({ stream, request, response }: Streamed, asked: { readonly modelId: string; readonly provider: string }, listener: ModelListener, heard: () => void): Promise<Answer> {
  const content: Answer['content'] = [];
  const blocks = new Map<string, Block>();
  let metadata: object = {};
  let warnings: Answer['warnings'] = [];
  let finish: Extract<Part, { type: 'finish' }> | undefined;
  for await (const part of stream) {
    // The SDK itself begins the stream, before the provider has sent anything.
    if (part.type !== 'stream-start') heard();
    switch (part.type) {
      case 'text-delta':
      case 'reasoning-delta': {
        const kind = part.type === 'text-delta' ? 'text' : 'reasoning';
        const name = `${kind} ${part.id}`;
        const block: Block = blocks.get(name) ?? { type: kind, text: '' };
        if (!blocks.has(name)) content.push(block);
        blocks.set(name, block);
        block.text += part.delta;
        if (kind === 'text') listener.said(part.delta);
        break;
      }
      case 'stream-start':
        warnings = part.warnings;
        break;
      case 'response-metadata': {
        const { type: _type, ...rest } = part;
        metadata = rest;
        break;
      }
      case 'finish':
        finish = part;
        break;
      case 'error':
        throw interrupted(asked, part.error);
      case 'tool-call':
      case 'tool-result':
      case 'source':
      case 'file':
        content.push(part);
        break;
      default:
        // Beginnings and ends of what is taken whole, and kinds that no proposal has a place for.
        break;
    }
  }
  if (finish === undefined || finish.finishReason.unified === 'interrupted') throw interrupted(asked);
  const { usage, finishReason, providerMetadata } = finish;
  return { content, usage, finishReason, warnings, ...(providerMetadata === undefined ? {} : { providerMetadata }), ...(request === undefined ? {} : { request }), response: { ...metadata, ...response } };
}

/** Of what the provider sent only the kind of error goes on: the rest may quote the prompt or the key. */
function interrupted({ modelId, provider }: { readonly modelId: string; readonly provider: string }, cause?: unknown): ModelError {
  const kind = cause instanceof Error ? cause.name : 'its stream ended';
  return new ModelError({ code: 'model.interrupted', message: `The answer of the model "${modelId}" of ${provider} broke off (${kind}).`, retryable: true, remedy: 'The step is tried again; if it lasts, look at the provider\'s status.' });
}

function silent({ modelId, provider }: { readonly modelId: string; readonly provider: string }, ms: number): ModelError {
  return new ModelError({ code: 'model.silent', message: `The model "${modelId}" of ${provider} took the request and sent nothing for ${ms} ms.`, retryable: true, remedy: 'Wait; if the model thinks so long before it speaks, raise HOLDFAST_MODEL_FIRST_TOKEN_MS.' });
}
