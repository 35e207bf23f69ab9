import { Controller, Inject } from '@nestjs/common';
import type { Catalog } from '@holdfast/contracts';
import { Serves } from '../endpoints/endpoint.js';
import { listAgents } from './catalog.endpoints.js';
import { CATALOG } from './catalog.token.js';

@Controller()
export class CatalogController {
  constructor(@Inject(CATALOG) private readonly catalog: Catalog) {}

  @Serves(listAgents)
  agents(): Pick<Catalog, 'agents'> {
    return { agents: this.catalog.agents };
  }
}
