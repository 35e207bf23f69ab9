export { createIdentities, createIdentity, type Identities, type Identity } from './identities.js';
export { brokerConfig, type BrokerConfigSettings } from './broker-config.js';
export { install, type InstallSettings } from './install.js';
export { diagnose, type DiagnosisSettings, type Diagnosis, type Problem } from './doctor/diagnose.js';
export { removeOrphans, type OrphanSettings, type RemovedOrphans } from './orphans.js';
