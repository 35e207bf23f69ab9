import { setTimeout as sleep } from 'node:timers/promises';
import { Body, Controller, Inject } from '@nestjs/common';
import type { z } from 'zod';
import type { Bus } from '@holdfast/bus';
import { HoldfastError, erasureAnswer, subjects, type Erasure } from '@holdfast/contracts';
import type { DataKeys } from '@holdfast/data-keys';
import { BUS, DATA_KEYS } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { eraseRequest, eraseSubject, type erased } from './erasures.endpoints.js';

/** Memory first brings itself up to date with the log. */
const TIMEOUT_MS = 30_000;
/** How often, and at which distance in milliseconds, it is looked whether the keys are gone. */
const LOOKS = 40;
const LOOK_MS = 125;

@Controller()
export class ErasuresController {
  constructor(@Inject(BUS) private readonly bus: Pick<Bus, 'publish' | 'request'>, @Inject(DATA_KEYS) private readonly dataKeys: Pick<DataKeys, 'isErasedBefore'>) {}

  @Serves(eraseSubject)
  async erase(@Caller() caller: Principal, @Body() body: unknown): Promise<z.infer<typeof erased>> {
    const { dataSubject, reason } = checked(eraseRequest, body);
    const order: Erasure = { at: Date.now(), by: caller.name, reason };
    const answer = await this.bus.publish(subjects.erasure(caller.tenant, dataSubject), JSON.stringify(order));
    if (answer.status !== 'stored') throw new HoldfastError({ code: 'gateway.not-stored', message: 'The order to erase could not be stored.', retryable: true, remedy: 'Send it again; it may be repeated.' });
    const gone = await this.bus.request(subjects.memoryErase(), { tenant: caller.tenant, dataSubject }, erasureAnswer, { timeoutMs: TIMEOUT_MS }).catch((cause: unknown) => {
      throw new HoldfastError({ code: 'erasure.pending', message: 'The order to erase is stored, and memory did not say that it has been carried out.', retryable: true, remedy: 'It is carried out as soon as memory is up. Send it again to learn what has gone.', cause });
    });
    return { ...gone, log: (await this.isLogErased(caller.tenant, dataSubject, answer.sequence)) ? 'erased' : 'pending', at: order.at };
  }

  /** Looks for a while whether an orchestrator has carried out the order. */
  private async isLogErased(tenant: string, dataSubject: string, order: number): Promise<boolean> {
    for (let look = 1; ; look += 1) {
      if (await this.dataKeys.isErasedBefore(tenant, dataSubject, order)) return true;
      if (look >= LOOKS) return false;
      await sleep(LOOK_MS);
    }
  }
}
