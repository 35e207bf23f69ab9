import type { MetricDefinition } from './metrics/definition.js';

/**
 * Every span name, attribute key and metric of Holdfast. Dashboards, alerts and tests read these names, so they are written
 * down once and never built from parts elsewhere.
 *
 * `gen_ai.*`: OpenTelemetry semantic conventions for generative AI, `messaging.*`: for messaging (both of release 1.45,
 * status "development"). `holdfast.*` is ours.
 */
export const SPAN = {
  /** The root of a run's trace. */
  run: 'run',
  /** `commit <kind of route>`; see {@link spanName.commit}. */
  commit: 'commit',
  policyDecision: 'policy authorize',
  policyVisible: 'policy visible',
  approval: 'approval',
  memorySearch: 'memory search',
  memoryIngest: 'memory ingest',
  memoryRevoke: 'memory revoke',
  takeover: 'takeover',
} as const;

/** Span names with one low-cardinality variable part, as the conventions ask: `{operation} {target}`. */
export const spanName = {
  /** The adapter's name is left out: it belongs in an attribute. */
  commit: (route: string): string => `${SPAN.commit} ${route.startsWith('call.') ? 'call' : route}`,
  chat: (model: string): string => `${OPERATION.chat} ${model}`,
  executeTool: (tool: string): string => `${OPERATION.executeTool} ${tool}`,
  invokeAgent: (agent: string): string => `${OPERATION.invokeAgent} ${agent}`,
  send: (destinationTemplate: string): string => `send ${destinationTemplate}`,
  process: (destinationTemplate: string): string => `process ${destinationTemplate}`,
} as const;

/** Values of {@link ATTRIBUTE.operationName}. */
export const OPERATION = {
  chat: 'chat',
  executeTool: 'execute_tool',
  invokeAgent: 'invoke_agent',
  embeddings: 'embeddings',
} as const;

export const ATTRIBUTE = {
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestTemperature: 'gen_ai.request.temperature',
  requestMaximumTokens: 'gen_ai.request.max_tokens',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  outputType: 'gen_ai.output.type',
  agentName: 'gen_ai.agent.name',
  agentVersion: 'gen_ai.agent.version',
  conversationId: 'gen_ai.conversation.id',
  toolName: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  toolCallId: 'gen_ai.tool.call.id',

  messagingSystem: 'messaging.system',
  messagingOperationName: 'messaging.operation.name',
  messagingOperationType: 'messaging.operation.type',
  messagingDestination: 'messaging.destination.name',
  messagingDestinationTemplate: 'messaging.destination.template',
  messagingConsumerGroup: 'messaging.consumer.group.name',
  messagingMessageId: 'messaging.message.id',
  messagingBodySize: 'messaging.message.body.size',

  errorType: 'error.type',

  runId: 'holdfast.run.id',
  tenant: 'holdfast.tenant',
  commitId: 'holdfast.commit.id',
  commitNumber: 'holdfast.commit.number',
  commitRoute: 'holdfast.commit.route',
  /** What a span link means: see {@link LINK}. */
  linkKind: 'holdfast.link',
  factId: 'holdfast.fact.id',
  operationKey: 'holdfast.operation.key',
  effectClass: 'holdfast.effect.class',
  effectOutcome: 'holdfast.effect.outcome',
  attempt: 'holdfast.attempt',
  toolDigest: 'holdfast.tool.digest',
  policyOutcome: 'holdfast.policy.outcome',
  policyDigest: 'holdfast.policy.digest',
  /** True on work that another process had begun before it died. */
  takeover: 'holdfast.takeover',
  errorRetryable: 'holdfast.error.retryable',
} as const;

/** Values of {@link ATTRIBUTE.linkKind}. */
export const LINK = {
  /** From a commit to the commit that caused it. */
  cause: 'cause',
  /** From a span to the live span of another process that called it. */
  caller: 'caller',
} as const;

/**
 * Attributes that carry what people and models wrote. They are removed from every span before it leaves the process,
 * unless `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is `true`.
 */
export const CONTENT_ATTRIBUTE = {
  systemInstructions: 'gen_ai.system_instructions',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  toolDefinitions: 'gen_ai.tool.definitions',
  toolCallArguments: 'gen_ai.tool.call.arguments',
  toolCallResult: 'gen_ai.tool.call.result',
  retrievalDocuments: 'gen_ai.retrieval.documents',
  retrievalQuery: 'gen_ai.retrieval.query.text',
} as const;

/**
 * Every metric. Its attributes are the only ones that it may have, and each has few values by its nature: codes of errors,
 * outcomes, tools that are declared, digests of bundles. Ids of runs and tenants, and what people or models wrote, are none.
 *
 * Prometheus reads `holdfast.permits.refused` as `holdfast_permits_refused_total`: dots become underscores, and a counter ends with
 * `_total`. What comes through a collector may have the unit in its name too (`…_duration_seconds_bucket`).
 */
export const METRIC = {
  permitsRefused: {
    name: 'holdfast.permits.refused', kind: 'counter', unit: '{permit}', attributes: ['reason', 'tool'],
    description: 'Calls that an adapter did not make because their permit was forged, altered, replayed, early or expired; each delivery counts.',
  },
  policyDecisions: {
    name: 'holdfast.policy.decisions', kind: 'counter', unit: '{decision}', attributes: ['outcome', 'tool'],
    description: 'Calls that policy decided on.',
  },
  policyDecisionDuration: {
    name: 'holdfast.policy.decision.duration', kind: 'histogram', unit: 's', attributes: [], buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    description: 'From a question about the calls of one proposal to its answer, with what had to be read of the log; failures too.',
  },
  policyBundle: {
    name: 'holdfast.policy.bundle', kind: 'gauge', unit: '{bundle}', attributes: ['digest'],
    description: '1 for the bundle that is in force, 0 for those that this process had before.',
  },
  policyBundlesRefused: {
    name: 'holdfast.policy.bundles.refused', kind: 'counter', unit: '{bundle}', attributes: [],
    description: 'Changed policies or contracts under which the last good bundle had to stay in force.',
  },
} as const satisfies Record<string, MetricDefinition>;

/** The tool's name in a metric where it is none that anybody declared: a model may invent as many as it likes. */
export const UNDECLARED_TOOL = '_OTHER';
