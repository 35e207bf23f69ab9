import { type Attributes, type Link, type SpanContext, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { hrTimeDuration, type InstrumentationScope, millisToHrTime } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ATTRIBUTE, LINK, SPAN } from '../names.js';
import { withoutContent } from './content.js';
import { commitSpanId, runSpanId, runTraceId } from './identifiers.js';
import { parseContext } from './message-context.js';

/** What a commit's span is made from. Times are milliseconds since the Unix epoch. */
export interface CommitDescription {
  readonly tenant: string;
  readonly runId: string;
  /** Run-local and gap-free, from 1. */
  readonly number: number;
  /** The identifier of the commit that never changes: its hash in the log. */
  readonly commitId: string;
  /** The commit whose work this one answers, where there was one; shown as a link. */
  readonly causeCommitId: string | undefined;
  readonly route: string;
  readonly startedAt: number;
  readonly recordedAt: number;
  /** The span's name, for example `spanName.commit(route)`. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** For the first commit: the `traceparent` that came with the task from outside; the run's root links to it. */
  readonly origin?: string;
}

export interface CommitSpanSettings {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly captureContent: boolean;
}

/**
 * The finished spans of a commit: its own, and for commit number 1 the root span `run` before it.
 *
 * The tree is flat, root and commits, whatever the run's length, so that it stays readable and every parent is known from
 * tenant and run id alone. What caused what is told by links. They are plain objects, because the SDK's tracer chooses
 * ids by itself.
 */
export function commitSpans(commit: CommitDescription, settings: CommitSpanSettings): ReadableSpan[] {
  const traceId = runTraceId(commit.tenant, commit.runId);
  const root = spanContext(traceId, runSpanId(commit.tenant, commit.runId));
  const run: Attributes = { [ATTRIBUTE.runId]: commit.runId, [ATTRIBUTE.tenant]: commit.tenant, [ATTRIBUTE.conversationId]: commit.runId };
  const given = commit.attributes as Attributes;
  const attributes: Attributes = {
    ...(settings.captureContent ? given : withoutContent(given)),
    ...run,
    [ATTRIBUTE.commitId]: commit.commitId,
    [ATTRIBUTE.commitNumber]: commit.number,
    [ATTRIBUTE.commitRoute]: commit.route,
  };
  const links = commit.causeCommitId === undefined ? [] : [link(spanContext(traceId, commitSpanId(commit.causeCommitId)), LINK.cause)];
  const own = finishedSpan(commit, settings, { name: commit.name, context: spanContext(traceId, commitSpanId(commit.commitId)), parent: root, attributes, links });
  if (commit.number !== 1) return [own];
  const origin = parseContext(commit.origin);
  const originLinks = origin === undefined ? [] : [link(origin, LINK.caller)];
  return [finishedSpan(commit, settings, { name: SPAN.run, context: root, parent: undefined, attributes: run, links: originLinks }), own];
}

interface SpanParts {
  readonly name: string;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes;
  readonly links: Link[];
}

function finishedSpan(commit: CommitDescription, settings: CommitSpanSettings, parts: SpanParts): ReadableSpan {
  const startTime = millisToHrTime(commit.startedAt);
  // Two machines' clocks may disagree; a span must not end before it starts.
  const endTime = millisToHrTime(Math.max(commit.startedAt, commit.recordedAt));
  return {
    name: parts.name,
    kind: SpanKind.INTERNAL,
    spanContext: () => parts.context,
    ...(parts.parent === undefined ? {} : { parentSpanContext: parts.parent }),
    startTime,
    endTime,
    duration: hrTimeDuration(startTime, endTime),
    ended: true,
    status: { code: SpanStatusCode.UNSET },
    attributes: parts.attributes,
    links: parts.links,
    events: [],
    resource: settings.resource,
    instrumentationScope: settings.scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function spanContext(traceId: string, spanId: string): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
}

function link(context: SpanContext, kind: string): Link {
  return { context, attributes: { [ATTRIBUTE.linkKind]: kind } };
}
