export { locateBroker, type BrokerSource, type LocatedBroker } from './locate.js';
export { startBroker, type BrokerSettings, type RunningBroker } from './start.js';
export { startCluster, type ClusterSettings, type RunningCluster } from './cluster.js';
