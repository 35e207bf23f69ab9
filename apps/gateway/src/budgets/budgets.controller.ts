import { Controller, Inject } from '@nestjs/common';
import type { z } from 'zod';
import type { Bus } from '@holdfast/bus';
import { BUS } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves } from '../endpoints/endpoint.js';
import { listBudgets, type budgetList } from './budgets.endpoints.js';
import { sharedBudgets } from './shared-budgets.js';

@Controller()
export class BudgetsController {
  constructor(@Inject(BUS) private readonly bus: Pick<Bus, 'getBatch'>) {}

  @Serves(listBudgets)
  list(@Caller() caller: Principal): Promise<z.infer<typeof budgetList>> {
    return sharedBudgets(this.bus, caller.tenant, Date.now());
  }
}
