import { run } from './command.ts';

/** Marks connections in the kernel's table of connections. */
const MARK = '0x4846';

/**
 * Packet filters of the round's own network namespace: nothing outside is touched. Rounds that use it have only this
 * network's loopback, on which broker and services talk.
 */
export async function bringUpLoopback(): Promise<void> {
  await run('ip', ['link', 'set', 'lo', 'up']);
}

/** Cuts the processes of these groups off from the broker: both ways, also for connections that exist. */
export async function cutOff(groups: readonly number[], brokerPort: number): Promise<void> {
  const marks = groups.map((group) => `meta skgid ${group} tcp dport ${brokerPort} ct mark set ${MARK}`);
  await load([...marks, `ct mark ${MARK} counter drop`], [`ct mark ${MARK} counter drop`]);
}

/** Loses this many of a hundred packets to and from the broker. */
export async function losePackets(percent: number, brokerPort: number): Promise<void> {
  await load([`tcp dport ${brokerPort} numgen random mod 100 < ${percent} counter drop`, `tcp sport ${brokerPort} numgen random mod 100 < ${percent} counter drop`], []);
}

/** How many packets were dropped so far. */
export async function droppedPackets(): Promise<number> {
  const rules = await run('nft', ['list', 'table', 'inet', 'chaos']);
  return [...rules.matchAll(/counter packets (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}

export async function restoreNetwork(): Promise<void> {
  await run('nft', ['delete', 'table', 'inet', 'chaos']);
}

async function load(output: readonly string[], input: readonly string[]): Promise<void> {
  const chain = (name: string, rules: readonly string[]): string => `chain ${name} {\n type filter hook ${name} priority 0; policy accept;\n${rules.map((rule) => ` ${rule}\n`).join('')}}`;
  await run('nft', ['-f', '-'], `table inet chaos {\n${chain('output', output)}\n${chain('input', input)}\n}\n`);
}
