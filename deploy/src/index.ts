export { locateBroker, startBroker, startCluster, type BrokerSettings, type BrokerSource, type ClusterSettings, type LocatedBroker, type RunningBroker, type RunningCluster } from './broker/index.js';
export { startDatabase, type DatabaseSettings, type DatabaseSource, type RunningDatabase } from './database/index.js';
export { brokerConfig, createIdentities, createIdentity, diagnose, install, removeOrphans, type BrokerConfigSettings, type Diagnosis, type DiagnosisSettings, type Identities, type Identity, type InstallSettings, type OrphanSettings, type Problem, type RemovedOrphans } from './installation/index.js';
export { createRunDirectory, freePort, runInForeground, superviseProcess, withKeptDirectory, type ProcessExit, type ProcessSettings, type ProcessState, type RemovedLeftover, type RunDirectory, type SupervisedProcess } from './process/index.js';
export type { ObtainSettings } from './wheels/index.js';
export { REPOSITORY, ROLE_OF, SERVICES, createSecrets, entryPoint, instanceNames, startControl, startStack, writeCatalog, type ApiKey, type Control, type InstanceName, type SecretFiles, type ServiceName, type Stack, type StackOptions } from './stack/index.js';
export type { Durability } from '@holdfast/contracts';
