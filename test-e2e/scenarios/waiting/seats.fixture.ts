import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '@holdfast/deploy';
import { startScenario, type Scenario } from '../installation.fixture.js';

type Script = readonly (readonly [tool: string, given: object])[];

/** The scenario of reserved seats with policies of its own, which a test may change while it runs. */
export interface Seats {
  readonly scenario: Scenario;
  /** The folder with the policies. */
  readonly policies: string;
  /** The file of which each line is an effect. */
  readonly seats: string;
  /** Has an agent make the calls of a script, one a step. */
  begin(id: string, script: Script): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it with these files beside its policies, as JSON, and more settings for its services. */
export async function startSeats(rules: Readonly<Record<string, object>> = {}, environment: Readonly<Record<string, string>> = {}): Promise<Seats> {
  const policies = await mkdtemp(join(tmpdir(), 'holdfast-policies-'));
  const remove = (): Promise<void> => rm(policies, { recursive: true, force: true });
  try {
    await cp(join(REPOSITORY, 'test-e2e/scenarios/waiting/policies'), policies, { recursive: true });
    for (const [file, content] of Object.entries(rules)) await writeFile(join(policies, file), JSON.stringify(content));
    let seats = '';
    const scenario = await startScenario('waiting', 2, async (directory) => {
      seats = join(directory.path, 'seats');
      return { SEATS_FILE: seats, ...environment };
    }, policies);
    return {
      scenario, policies, seats,
      begin: (id, script) => scenario.publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.lead', data: { goal: 'Follow the script.', script } } as never),
      stop: () => scenario.stop().finally(remove),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
