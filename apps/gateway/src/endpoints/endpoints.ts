import { callAgent, describeAgent } from '../a2a/a2a.endpoints.js';
import { getAgent, getAgentVersion, listAgents, publishAgent, revokeAgent, routeAgent } from '../agents/agents.endpoints.js';
import { abortCanary, declareCanary, getCanary, listCanaries, pauseCanary, promoteCanary, resumeCanary } from '../canaries/canaries.endpoints.js';
import { listBreakers } from '../breakers/breakers.endpoints.js';
import { listBudgets } from '../budgets/budgets.endpoints.js';
import { steerRuns } from '../bulk/bulk.endpoints.js';
import { listDeadLetters } from '../dead-letters/dead-letters.endpoints.js';
import { tellPrincipal } from '../edge/principal.endpoints.js';
import { listInDoubt, resolveOperation } from '../in-doubt/in-doubt.endpoints.js';
import { callMcp, streamMcp } from '../mcp/mcp.endpoints.js';
import { ingestDocument, ingestFile, ingestOutcome, listReaders, revokeOrigin, searchMemory } from '../memory/memory.endpoints.js';
import { abortRun, answerApproval, cancelRun, listApprovals, pauseRun, resumeRun, signalRun } from '../people/people.endpoints.js';
import { answerQuestion, listQuestions } from '../people/questions.endpoints.js';
import { getRun, listRunEvents, listRuns } from '../runs/runs.endpoints.js';
import { streamRunChanges, streamRunEvents } from '../streams/streams.endpoints.js';
import { startTask } from '../tasks/tasks.endpoints.js';
import { compareRun, forkRun, getRunDifference, getRunState } from '../time-travel/time-travel.endpoints.js';
import { streamRunTokens } from '../tokens/tokens.endpoints.js';
import { acceptTool, getTool, listTools } from '../tools/tools.endpoints.js';
import { verifyLogPage, verifyRunById } from '../verification/verification.endpoints.js';
import { whyCommit, whyEffect } from '../why/why.endpoints.js';
import type { Endpoint } from './endpoint.js';
import { eraseSubject } from '../erasures/erasures.endpoints.js';
import { getThread, getThreadProjection, rebuildThreads } from '../threads/threads.endpoints.js';
import { describeApi } from './openapi.endpoints.js';

export const API_VERSION = '0.1.0';

/** The whole API. A specification compares it with the routes that are served. */
export const ENDPOINTS: readonly Endpoint[] = [
  startTask,
  listRuns, getRun, listRunEvents, streamRunEvents, streamRunTokens, streamRunChanges, whyCommit, whyEffect, verifyRunById, verifyLogPage,
  steerRuns, getRunState, getRunDifference, compareRun, forkRun,
  listApprovals, answerApproval, listQuestions, answerQuestion, cancelRun, abortRun, pauseRun, resumeRun, signalRun,
  listInDoubt, resolveOperation, listBudgets,
  ingestDocument, ingestFile, ingestOutcome, searchMemory, revokeOrigin, listReaders,
  getThread, getThreadProjection, rebuildThreads, eraseSubject,
  listAgents, getAgent, getAgentVersion, publishAgent, routeAgent, revokeAgent,
  listCanaries, getCanary, declareCanary, pauseCanary, resumeCanary, promoteCanary, abortCanary,
  listTools, getTool, acceptTool, listBreakers, listDeadLetters, tellPrincipal, describeApi, callMcp, streamMcp, describeAgent, callAgent,
];
