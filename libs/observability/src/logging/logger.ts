import { isSpanContextValid, trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { redactFields, redactText } from './redaction.js';

/** A structured logger: `logger.info({ key: value }, 'sentence')`; an error goes under the key `err`. */
export type Logger = PinoLogger;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  /** Written as `service` into each line. */
  readonly service: string;
  readonly level: LogLevel;
  /** Where lines go; standard output by default, written synchronously so that a kill loses no line. */
  readonly destination?: DestinationStream;
}

/**
 * JSON lines with level, ISO time, service, process id, and `trace_id` and `span_id` when logged inside a span. Secrets are
 * replaced by key at any depth and by form in any text; errors tell their code, whether to retry, and the remedy.
 */
export function createLogger(options: LoggerOptions): Logger {
  const logger = pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      mixin: activeSpan,
      // Errors have been described by then; pino's own serialiser would take a description for an error again.
      serializers: { err: (described: unknown) => described },
      formatters: {
        level: (label) => ({ level: label }),
        log: redactFields,
      },
      hooks: { streamWrite: redactText },
    },
    options.destination ?? pino.destination({ fd: 1, sync: true }),
  );
  // Pino formats the bindings of the first logger only. Children inherit this method, and so do theirs.
  const { child } = logger;
  logger.child = function redactedChild(this: Logger, bindings: object, childOptions?: object) {
    return child.call(this, redactFields({ ...bindings }), childOptions);
  } as typeof child;
  return logger;
}

/** A child logger whose lines all name the run. */
export function runLogger(logger: Logger, run: { readonly tenant: string; readonly runId: string }): Logger {
  return logger.child({ tenant: run.tenant, run_id: run.runId });
}

function activeSpan(): { trace_id?: string; span_id?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined || !isSpanContextValid(span) ? {} : { trace_id: span.traceId, span_id: span.spanId };
}
