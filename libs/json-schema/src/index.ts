export { compileCheck, type Check, type Checked } from './check.js';
