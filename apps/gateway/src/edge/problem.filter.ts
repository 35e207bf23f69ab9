import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from '@holdfast/observability';
import { LOGGER } from '@holdfast/service';
import { problemHeaders, problemOf, publicError } from './problem.js';

/** Answers every error as problem+json (RFC 9457) and logs those that are the gateway's own fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    // The health report is made by the service library and read by machines that know its shape.
    if (error instanceof HttpException && reply.request.url.startsWith('/health/')) {
      void reply.code(error.getStatus()).send(error.getResponse());
      return;
    }
    const shown = publicError(error);
    const body = problemOf(shown);
    if (body.status >= 500) this.logger.error({ err: error, code: shown.code, method: reply.request.method, path: reply.request.routeOptions.url }, 'a request failed');
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    void reply.code(body.status).headers(problemHeaders(body.status)).send(JSON.stringify(body));
  }
}
