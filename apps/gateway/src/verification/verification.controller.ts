import { Controller, Inject, Param, Query } from '@nestjs/common';
import { HoldfastError } from '@holdfast/contracts';
import type { EventLog, StoredLog } from '@holdfast/event-log';
import { EVENT_LOG } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { PERMIT_KEYS, type PresentPermitKeys } from './permit-keys.js';
import { verifyLogPage, verificationQuery, verifyRunById } from './verification.endpoints.js';
import type { RunVerification, VerificationPage } from './verification.schema.js';
import { verifyOne, verifyPart } from './verification.js';

/** Checks the log as it is stored now. */
@Controller()
export class VerificationController {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog & StoredLog, @Inject(PERMIT_KEYS) private readonly keys: PresentPermitKeys) {}

  @Serves(verifyRunById)
  async run(@Caller() { tenant }: Principal, @Param() parameters: unknown): Promise<RunVerification> {
    const { runId } = checked(runParameters, parameters);
    const verification = await verifyOne(this.log, { tenant, runId }, await this.keys());
    if (verification !== undefined) return verification;
    throw new HoldfastError({ code: 'run.unknown', message: `There is no run "${runId}".`, retryable: false, remedy: 'Check the id; a task that was accepted a moment ago appears when the orchestrator has taken it up.' });
  }

  @Serves(verifyLogPage)
  async part(@Caller() { tenant }: Principal, @Query() query: unknown): Promise<VerificationPage> {
    return verifyPart(this.log, tenant, checked(verificationQuery, query).cursor ?? '0.1', await this.keys());
  }
}
