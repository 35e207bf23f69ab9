import { Controller } from '@nestjs/common';
import { Serves } from '../endpoints/endpoint.js';
import type { Principal } from './api-keys.js';
import { tellPrincipal } from './principal.endpoints.js';
import { Caller } from './principals.js';

@Controller()
export class PrincipalController {
  @Serves(tellPrincipal)
  tell(@Caller() { name, tenant, roles, groups, expiresAt }: Principal): Principal {
    return { name, tenant, roles, groups, ...(expiresAt === undefined ? {} : { expiresAt }) };
  }
}
