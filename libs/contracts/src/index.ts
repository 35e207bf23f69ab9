export { HoldfastError, type HoldfastErrorShape } from './errors.js';
export { canonicalJson, type Json } from './canonical.js';
export { dataSubject, personRole, adapterName, digest, instant, partitionOf, runId, tenantId, threadId, toolName, type Digest, type RunId, type RunKey, type TenantId } from './identifiers.js';
export { below, declarations, leavesOf, nearest, type Declared, type Labels, type Leaf, type Path } from './leaves.js';
export { resultLabels, taskLabels, wholeLabel, type ResultLabels } from './labelling.js';
export { UNKNOWN_READING, isAtLeast, joined, label, leastTrusted, mostSecret, reading, secrecy, trust, writtenAfter, type Label, type Reading, type Secrecy, type Trust } from './labels.js';
export { CALL_IDENTITY, DEFAULT_CONTEXT_TOKENS, DEFAULT_MAX_REPEATS, agentDeclaration, agentName, argumentRole, budgets, catalog, compensation, effectClass, strategy, toolBudget, toolContract, type AgentDeclaration, type ArgumentRole, type Budgets, type Catalog, type Compensation, type EffectClass, type Strategy, type ToolBudget, type ToolContract } from './catalog.js';
export { agentRevocation, agentRoute, agentVersion, publishedVersion, routeShare, stableBy, type AgentRevocation, type AgentRoute, type AgentVersion, type PublishedVersion, type RouteShare, type StableBy } from './agents.js';
export {
  canaryDeclaration, canaryEnd, canaryEvidence, canaryId, canaryMetric, canaryScorer, canaryVerdict, canaryWord, declaredCanary, evidencePoint, metricEvidence, metricName,
  type CanaryDeclaration, type CanaryEnd, type CanaryEvidence, type CanaryMetric, type CanaryScorer, type CanaryVerdict, type CanaryWord, type DeclaredCanary, type EvidencePoint, type MetricEvidence,
} from './canaries.js';
export { isAuthenticated, publisherOf, scope, scopeOf, task, taskEvent, type Task, type TaskEvent } from './task.js';
export { dataKeyName, dataKeyRecord, encryption, type DataKeyName, type DataKeyRecord, type Encryption } from './data-keys.js';
export { erasure, erasureAnswer, erasureRequest, type Erasure, type ErasureAnswer, type ErasureRequest } from './erasures.js';
export { threadLimits, threadReading, threadTurn, type ThreadReading, type ThreadTurn } from './threads.js';
export { DEFAULT_MAX_REPLANS, NO_MEANS, meansOf, plan, planLimits, planMeans, planStep, standingPlan, type Plan, type PlanMeans, type PlanStep, type StandingPlan } from './plan.js';
export { UNREADABLE_CALL, compaction, cost, modelAttempt, modelCall, modelFailure, modelFault, modelParameters, proposal, spentOn, toolRequest, type Compaction, type Cost, type ModelAttempt, type ModelCall, type ModelFault, type ModelParameters, type Proposal, type ToolRequest } from './proposal.js';
export { LONGEST_DELTA, isSaidAfter, tokenEvent, type TokenEvent, type TokenPlace } from './tokens.js';
export { outcomeTooLarge, proposalTooLarge } from './too-large.js';
export { UNJUDGED, approvalNeeds, argumentOrigin, permitClaims, plannedCall, verdict, verdictOutcome, type ApprovalNeeds, type ArgumentOrigin, type PermitClaims, type PlannedCall, type Verdict } from './policy.js';
export {
  approvalGrant, authorizeAnswer, authorizeRequest, visibleAnswer, visibleRequest,
  type ApprovalGrant, type AuthorizeAnswer, type AuthorizeRequest, type VisibleAnswer, type VisibleRequest,
} from './policy-questions.js';
export { RUNTIME_ADAPTER, RUNTIME_TOOLS, RUNTIME_TOOL_PREFIX, abortTool, askPersonTool, childRunIdOf, startRunTool, waitSignalTool, waitTool } from './runtime-tools.js';
export {
  DONE_CODES, MAY_BE_RETRIED, attempt, childStart, vouchedValue, failure, hasActed, parentCall, question, resolutionKind, runEvent, toolOutcome, toolUse, usage, wait,
  type Attempt, type ChildStart, type DoneCode, type Failure, type ParentCall, type Question, type ResolutionKind, type RunEvent, type RunEventOf, type RunEventType, type ToolOutcome, type ToolUse, type Usage, type VouchedValue, type Wait,
} from './events.js';
export { MAXIMUM_PARTS, MAXIMUM_POINTERS, ZERO_HASH, cause, claimedCommit, commit, commitPayload, encryptedCommit, encryptedPayload, payloadPart, recordedCommit, route, type Cause, type ClaimedCommit, type Commit, type CommitPayload, type EncryptedCommit, type PayloadPart, type RecordedCommit, type Route } from './commit.js';
export {
  INBOX_SOURCES, REQUEST_SOURCES, adapterReport, answerPatience, approvalFact, childFact, controlFact, deadLetter, fact, factAnswer, forkFact, nudge, parkedFact, planFact, plannerRequest, releaseFact, resolutionFact, signalFact, stallFact, taskFact, timerFact, toolFact,
  type AdapterReport, type DeadLetter, type Fact, type FactAnswer, type FactOf, type InboxSource, type PlannerRequest, type RequestSource,
} from './facts.js';
export { budgetDraw, budgetEntries, budgetEntry, budgetHold, budgetUse, windowAt, type BudgetDraw, type BudgetEntry, type BudgetHold, type BudgetKey, type BudgetUse } from './budget-accounts.js';
export { effectClaim, effectOutcome, effectRecord, withoutSaying, type EffectClaim, type EffectOutcome, type EffectRecord } from './effects.js';
export {
  workerDescribe, workerDescription, workerExecuted, workerReconciled, workerRequest,
  type WorkerDescription, type WorkerExecuted, type WorkerReconciled, type WorkerRequest,
} from './worker.js';
export {
  REASONER_PROTOCOL, REASONER_SILENCE_MS, REASONER_UNHEARD_MS, reasonerAnswer, reasonerFailure, reasonerMessage, reasonerProgress, reasonerRequest,
  type ReasonerAnswer, type ReasonerFailure, type ReasonerMessage, type ReasonerProgress, type ReasonerRequest,
} from './reasoner.js';
export { asyncApiAnswering, asyncApiDocument, asyncApiMessage, asyncApiMessages, type AsyncApiParts } from './async-api.js';
export { contractAcceptance, contractDifference, contractObservation, type ContractAcceptance, type ContractDifference, type ContractObservation } from './registry.js';
export { parseCommitSubject, parseDataKeySubject, parseErasureSubject, parseFactSubject, parseThreadSubject, parseTimerSubject, subjects } from './subjects.js';
export { AGENTS_STREAM, ANSWERS_STREAM, BUDGETS_STREAM, CANARIES_STREAM, DATA_KEYS_STREAM, DEFAULT_PARTITIONS, EFFECTS_STREAM, ERASURES_CONSUMER, ERASURES_STREAM, EVENTS_AGE_MS, EVENTS_STREAM, GUARDS_STREAM, INSTALLATION_STREAM, LEASES_STREAM, PAYLOADS_STREAM, RETIRED_CONSUMERS, RETIRED_STREAMS, REGISTRY_STREAM, THREADS_STREAM, TOKENS_STREAM, adapterConsumer, consumersOf, eventsConsumer, logStream, ownerConsumers, runtimeConsumer, streamsOf, teamConsumer, timersStream, type ConsumerDeclaration, type RetiredStream, type StreamDeclaration } from './streams.js';
export { brokerStatus, durabilityOf, installationRecord, type BrokerStatus, type Durability, type InstallationRecord } from './installation.js';
export { CORE_ACCOUNT, ROLES, SYSTEM_ACCOUNT, TEAM_API_PREFIX, exportsOf, inboxPrefix, permissionsOf, repliesOf, sharesOnly, type Account, type Export, type Role, type UserPermissions } from './permissions.js';
export {
  memoryDocument, memoryFile, memoryFileRequest, memoryForgetAnswer, memoryForgetRequest, memoryIngestAnswer, memoryIngestRequest, memoryLimits, memoryMediaType, memoryOrigin, memoryOutcomeRequest, memoryPassage, memoryReadersAnswer, memoryReadersRequest, memoryRememberRequest, memoryRevokeAnswer, memoryRevokeRequest, memoryScope, memoryScopes, sharedScopes, memorySearchAnswer, memorySearchRequest, shownPassage,
  type MemoryDocument, type MemoryFile, type MemoryFileRequest, type MemoryForgetAnswer, type MemoryForgetRequest, type MemoryIngestAnswer, type MemoryIngestRequest, type MemoryMediaType, type MemoryOrigin, type MemoryOutcomeRequest, type MemoryPassage, type MemoryReadersAnswer, type MemoryReadersRequest, type MemoryRememberRequest, type MemoryRevokeAnswer, type MemoryRevokeRequest, type MemorySearchAnswer, type MemorySearchRequest, type ShownPassage,
} from './memory.js';
export {
  projectedTurn, threadAnswer, threadPage, threadProjectionAnswer, threadProjectionRequest, threadRequest,
  type ProjectedTurn, type ThreadAnswer, type ThreadProjectionAnswer, type ThreadProjectionRequest, type ThreadRequest,
} from './memory-threads.js';
export { team, teamAccount, teamsOf, type Team, type TeamAccount } from './teams.js';
export { PUBLIC_EVENT_KINDS, PUBLIC_EVENT_PREFIX, publicEventOf, type PublicEventData, type PublicEventKind, type PublicRunEvent } from './public-events.js';
