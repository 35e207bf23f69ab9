export { compileCheck, type Check, type Checked } from './check.js';
export { isObject, pointerParts, referenced } from './pointer.js';
export { compareSchemas, type Difference, type Direction } from './compare.js';
