export { createIdentities, type Identities, type Identity } from './identities.js';
export { brokerConfig, type BrokerConfigSettings, type Durability } from './broker-config.js';
export { install, type InstallSettings } from './install.js';
