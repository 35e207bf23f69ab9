import { join } from 'node:path';
import { REPOSITORY, type StackOptions } from '@holdfast/deploy';
import { GUIDELINES_SCOPE } from './tools/index.js';

const EXAMPLE = join(REPOSITORY, 'examples', 'accounts-payable');

/** What is deployed: this example's built modules, its policies and its guidelines. */
export const application: StackOptions['application'] = {
  agents: join(EXAMPLE, 'dist', 'agents.js'),
  tools: join(EXAMPLE, 'dist', 'tools', 'index.js'),
  policies: join(EXAMPLE, 'policies'),
  memorySeed: { folder: join(EXAMPLE, 'data', 'guidelines'), scope: GUIDELINES_SCOPE },
};

/** The company's systems, as a program of their own. */
export const companyProgram: string = join(EXAMPLE, 'dist', 'company', 'main.js');
