export { readRecording, type Recording, type RecordedCall, type AgentDojoSuite } from './agentdojo/recording.js';
export { readPythonLiteral } from './python-literal.js';
export { readSweInstances, type SweInstance } from './swe/instance.js';
export { scoreInstance, type InstanceScoring } from './swe/score-instance.js';
