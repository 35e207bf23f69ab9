/** A parent for the specification to kill: starts a process, whose process starts another, and says who they are. */
import { spawnGuarded } from '../bootstrap/watchdog.mjs';

const child = spawnGuarded('/bin/sh', ['-c', 'sleep 600 & echo $!; wait'], { stdio: ['ignore', 'inherit', 'inherit'] });
console.log(child.pid);
setInterval(() => {}, 1000);
