/** Policy without Nest, for whoever runs its real logic elsewhere: the simulation does, on a twin of the broker. */
export { Authorizer, type AuthorizerDependencies } from './authorizer/authorizer.js';
export type { PermitSubject } from './permits/permit-signer.js';
