export { compileCheck, type Check, type Checked } from './check.js';
export { compareSchemas, type Difference, type Direction } from './compare.js';
