import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { record } from './history.ts';
import { firstRelease } from './scenarios/first-release.ts';
import { nextRelease } from './scenarios/next-release.ts';

/**
 * `npm run histories -- <release>`: lives every scenario with the core as it is built now and keeps what was decided, one
 * file a run. `current` may be recorded again at will; a release's set is recorded once, when it is cut, and never again.
 */
const [release] = process.argv.slice(2);
if (release === undefined || !/^(current|\d+\.\d+\.\d+)$/.test(release)) throw new Error('usage: npm run histories -- <current | major.minor.patch>');

const folder = join(import.meta.dirname, release);
await mkdir(folder, { recursive: true });
if (release !== 'current' && (await readdir(folder)).length > 0) throw new Error(`the histories of release ${release} are recorded already and must not change`);
for (const scenario of [...firstRelease, ...nextRelease]) await writeFile(join(folder, `${scenario.name}.json`), `${JSON.stringify(record(release, scenario), null, 1)}\n`);
