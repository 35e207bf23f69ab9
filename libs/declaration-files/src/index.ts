export { readDeclarations, type Declarations } from './read-declarations.js';
