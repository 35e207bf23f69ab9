export { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver/otlp-receiver.js';
export type { ReceivedSpan } from './otlp-receiver/decode-traces.js';
export { traceForest, type TraceForest, type TraceShape } from './otlp-receiver/trace-forest.js';
export { parseExposition, scrape, type Sample } from './prometheus/scrape.js';
export { startTestBroker, type TestBroker } from './test-broker.js';
export { startTestCluster, type TestCluster } from './test-cluster.js';
export { sourceProgram } from './source-program.js';
