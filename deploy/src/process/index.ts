export { firstBytesFrom } from './first-bytes.js';
export { freePort } from './free-port.js';
export { withKeptDirectory } from './kept-directory.js';
export { keptFile, replaceFile } from './kept-file.js';
export { lastLines, runCommand, type CommandResult } from './run-command.js';
export { createRunDirectory, type RemovedLeftover, type RunDirectory } from './run-directory.js';
export { runInForeground } from './run-in-foreground.js';
export { superviseProcess, type ProcessExit, type ProcessSettings, type ProcessState, type SupervisedProcess } from './supervise.js';
