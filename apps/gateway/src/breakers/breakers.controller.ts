import { Controller, Inject } from '@nestjs/common';
import type { z } from 'zod';
import type { Bus } from '@holdfast/bus';
import { BUS } from '@holdfast/service';
import { Serves } from '../endpoints/endpoint.js';
import { listBreakers, type breakerList } from './breakers.endpoints.js';
import { breakersAt } from './breakers.js';

/** Which tools are left alone for a while; the breakers are the workers' own, and nobody moves them from here. */
@Controller()
export class BreakersController {
  constructor(@Inject(BUS) private readonly bus: Pick<Bus, 'getBatch'>) {}

  @Serves(listBreakers)
  list(): Promise<z.infer<typeof breakerList>> {
    return breakersAt(this.bus, Date.now());
  }
}
