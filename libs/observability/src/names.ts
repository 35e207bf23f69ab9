/**
 * Every span name and attribute key of Holdfast. Dashboards, alerts and tests read these names, so they are written down
 * once and never built from parts elsewhere.
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
