import { Controller } from '@nestjs/common';
import { Serves } from './endpoint.js';
import { ENDPOINTS } from './endpoints.js';
import { describe } from './openapi.js';
import { describeApi } from './openapi.endpoints.js';

@Controller()
export class OpenApiController {
  private description: Record<string, unknown> | undefined;

  @Serves(describeApi)
  describe(): Record<string, unknown> {
    this.description ??= describe(ENDPOINTS, '0.1.0');
    return this.description;
  }
}
