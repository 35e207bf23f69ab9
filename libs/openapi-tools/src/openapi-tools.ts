import { pointerParts } from '@holdfast/json-schema';
import { ToolError, callHttp, toolFromContract, type CallContext, type HttpMeans, type Reconciliation, type Tool, type ToolSet } from '@holdfast/tool-sdk';
import { credentialsOf, type Credentials } from './auth.js';
import { listTools, type ListedTool } from './contracts.js';
import { readDocument, type OpenApiDocument } from './document.js';
import type { OperationShape } from './operation.js';
import type { OpenApiOverlay } from './overlay.js';
import { requestOf } from './request.js';

export interface OpenApiToolsSettings {
  readonly document: OpenApiDocument;
  readonly overlay: OpenApiOverlay;
  /** Where requests go. The document's own `servers` are not believed. */
  readonly baseUrl: URL;
  /** Where the server publishes its document, if it does: it is compared with the accepted one from time to time. */
  readonly describedAt?: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly means?: HttpMeans;
}

/** Operations of an HTTP service as tools. Throws `openapi.tool-invalid` and `openapi.auth-invalid`. */
export function openApiTools(settings: OpenApiToolsSettings): ToolSet {
  const { document, overlay, describedAt, means } = settings;
  const listed = listTools(document, overlay);
  const credentials = credentialsOf(document, overlay, settings.variables);
  return {
    tools: listed.map((one) => toolOf(one, settings, credentials)),
    sources: describedAt === undefined ? [] : [{
      name: describedAt, tools: listed.map(({ contract }) => contract.name),
      describe: async () => listTools(await readDocument(describedAt, means?.fetch), overlay, true).map(({ contract }) => contract),
    }],
  };
}

function toolOf({ contract, shape, overlay, asks }: ListedTool, settings: OpenApiToolsSettings, credentials: Credentials): Tool {
  const quoted = settings.overlay.quotedKey;
  const send = (called: OperationShape, args: Readonly<Record<string, unknown>>, context: CallContext, isKeyed: boolean, alsoAnswers: readonly number[] = []) => {
    const request = requestOf(called, args, settings.baseUrl);
    credentials(request);
    return callHttp(context, { ...request, alsoAnswers, ...(isKeyed ? { idempotencyKey: quoted ? ('quoted' as const) : true } : {}) }, settings.means);
  };
  const execute = async (args: Readonly<Record<string, unknown>>, context: CallContext): Promise<unknown> => {
    const { status, headers, body } = await send(shape, args, context, contract.effect === 'keyed');
    if (!shape.isBare) return body;
    const location = headers.get('location');
    return { status, ...(location === null ? {} : { location }) };
  };
  const { reconcile } = overlay;
  if (reconcile === undefined || asks === undefined) return toolFromContract(contract, { execute });
  return toolFromContract(contract, {
    execute,
    async reconcile(args, context): Promise<Reconciliation<unknown>> {
      const asked = Object.fromEntries(Object.entries(reconcile.arguments).map(([name, argument]) => [name, args[argument]]));
      const { status, body } = await send(asks, asked, context, false, reconcile.absentIs404 ? [404] : []);
      if (status === 404) return { status: 'not-done' };
      if (typeof body !== 'object' || body === null) throw ToolError.unknown({ code: 'openapi.answer-unreadable', message: `The answer of "${reconcile.operation}" is no JSON, so it does not say whether ${contract.name} happened.` });
      const found = at(body, reconcile.done);
      if (found === undefined || found === null || (Array.isArray(found) && found.length === 0)) return { status: 'not-done' };
      return { status: 'done', result: Array.isArray(found) ? found[0] : found };
    },
  });
}

/** What a JSON pointer (RFC 6901) finds. */
function at(value: unknown, pointer: string): unknown {
  return pointerParts(pointer).reduce<unknown>((inner, part) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part) ? (inner as Record<string, unknown>)[part] : undefined), value);
}
