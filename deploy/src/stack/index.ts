export { writeCatalog } from './catalog.js';
export { startControl, type Control } from './control.js';
export { createSecrets, type ApiKey, type SecretFiles } from './secrets.js';
export { REPOSITORY, ROLE_OF, SERVICES, entryPoint, instanceNames, type InstanceName, type ServiceName } from './services.js';
export { startStack, type Stack, type StackOptions } from './stack.js';
