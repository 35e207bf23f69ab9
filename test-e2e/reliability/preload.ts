import { Wrapping } from '../faults/injection/wrap.ts';
import { WEAKNESSES } from './weaknesses.ts';

/** Loaded into every service before anything else, with the name of what is taken away in its address: `preload.ts?without=<name>`. */
const without = new URL(import.meta.url).searchParams.get('without') ?? '';
const weakness = WEAKNESSES[without];
if (weakness === undefined) throw new Error(`There is no guarantee "${without}".`);
const wrapping = new Wrapping();
for (const { handle, wrapper } of weakness.parts) wrapping.add(handle, wrapper);
wrapping.install();
