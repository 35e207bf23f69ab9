import { Controller, Inject, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { HoldfastError } from '@holdfast/contracts';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { apiOf } from '../endpoints/ask-api.js';
import { Serves } from '../endpoints/endpoint.js';
import { API_VERSION } from '../endpoints/endpoints.js';
import { mcpServer } from './mcp-server.js';
import { callMcp, streamMcp } from './mcp.endpoints.js';

@Controller()
export class McpController {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /** One server for each request: nothing is kept between them, so that any gateway may answer the next. */
  @Serves(callMcp)
  async call(@Caller() caller: Principal, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    requireNoBrowser(request);
    const server = mcpServer(caller, API_VERSION, apiOf(this.host.httpAdapter.getInstance<FastifyInstance>(), request));
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    try {
      await server.connect(transport);
      const { accept = '', 'mcp-protocol-version': version } = request.headers;
      const answer = await transport.handleRequest(new Request('http://gateway.invalid/mcp', {
        method: 'POST', headers: { 'content-type': request.headers['content-type'] ?? '', accept, ...(typeof version === 'string' ? { 'mcp-protocol-version': version } : {}) },
      }), { parsedBody: request.body });
      void reply.code(answer.status).header('content-type', answer.headers.get('content-type') ?? 'application/json');
      return await answer.text();
    } finally {
      await server.close();
    }
  }

  @Serves(streamMcp)
  stream(@Res({ passthrough: true }) reply: FastifyReply): never {
    void reply.header('allow', 'POST');
    throw new HoldfastError({ code: 'route.method', message: 'This address takes POST alone.', retryable: false, remedy: 'Send JSON-RPC messages by POST; nothing is sent unasked.' });
  }
}

/** The protocol wants servers to look at the origin, so that no site talks to them through its visitor's browser (DNS rebinding). */
function requireNoBrowser({ headers }: FastifyRequest): void {
  if (headers.origin === undefined) return;
  throw new HoldfastError({ code: 'request.origin', message: 'Requests of web pages are not taken here.', retryable: false, remedy: 'Connect from a program; pages use the API under /v1.' });
}
