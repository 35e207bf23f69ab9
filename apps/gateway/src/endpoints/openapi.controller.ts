import { Controller } from '@nestjs/common';
import { Serves } from './endpoint.js';
import { API_VERSION, ENDPOINTS } from './endpoints.js';
import { describe } from './openapi.js';
import { describeApi } from './openapi.endpoints.js';

@Controller()
export class OpenApiController {
  private description: Record<string, unknown> | undefined;

  @Serves(describeApi)
  describe(): Record<string, unknown> {
    this.description ??= describe(ENDPOINTS, API_VERSION);
    return this.description;
  }
}
