import { context } from '@opentelemetry/api';
import { ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** One export request, with the exporter's own retries. Resolves with the error, or undefined once it is confirmed. */
export function exportSpans(exporter: SpanExporter, spans: readonly ReadableSpan[]): Promise<Error | undefined> {
  return new Promise((resolve) => {
    // The request must not be traced itself, or it would create the next one.
    context.with(suppressTracing(context.active()), () => {
      try {
        exporter.export([...spans], (result) => {
          resolve(result.code === ExportResultCode.SUCCESS ? undefined : (result.error ?? new Error('The span export failed.')));
        });
      } catch (error) {
        resolve(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

/**
 * Whether the same spans may be accepted later. The exporter's error carries the HTTP status as `code`; per the OTLP
 * specification only 429, 502, 503 and 504 are to be retried. Network errors have a text code or none.
 */
export function isWorthRetrying(error: Error): boolean {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code !== 'number' || [429, 502, 503, 504].includes(code);
}
