import { Campaign, brokenIn } from './campaign.ts';
import { requireNeeds } from './machine/needs.ts';
import type { RoundSpecification } from './round.ts';

/** Which fault shows the loss of which guarantee soonest. */
const CHECKS: readonly (Pick<RoundSpecification, 'fault' | 'durability' | 'mutation' | 'instances'> & { readonly guarantee: string })[] = [
  { guarantee: 'fsync', fault: 'power-loss', durability: 'process', instances: 1 },
  { guarantee: 'fence', fault: 'duplicate-delivery', durability: 'power', mutation: 'fence', instances: 1 },
  { guarantee: 'dedupe', fault: 'duplicate-delivery', durability: 'power', mutation: 'dedupe', instances: 1 },
  { guarantee: 'ledger', fault: 'duplicate-delivery', durability: 'power', mutation: 'ledger', instances: 1 },
];
/** Chance has a part in every round, so a guarantee gets this many. */
const TRIES = 3;
const LOAD_SECONDS = 4;
/** What is lost does not come any more, however long one waits. */
const PATIENCE_SECONDS = 8;

/** Switches one guarantee after another off and expects broken promises. 0 when every loss was noticed, 1 otherwise. */
export async function checkMutations(): Promise<number> {
  requireNeeds(new Map(['root', 'unshare', 'mount', 'losetup', 'mkfs.ext4'].map((need) => [need as 'root', ['power-loss']])));
  const started = performance.now();
  const campaign = await Campaign.begin();
  const rows = [];
  for (const { guarantee, ...check } of CHECKS) {
    let noticed: readonly string[] = [];
    let rounds = 0;
    while (noticed.length === 0 && rounds < TRIES && !campaign.interrupted) {
      rounds += 1;
      const round = await campaign.playOne({ ...check, seed: rounds, loadSeconds: LOAD_SECONDS, patienceSeconds: PATIENCE_SECONDS });
      // A round that could not be played has not noticed anything.
      if (round.result !== undefined) noticed = brokenIn(round);
    }
    rows.push({ 'switched off': guarantee, fault: check.fault, rounds, noticed: noticed.length > 0, 'broken promises': noticed });
    console.log(`${noticed.length > 0 ? 'noticed    ' : 'NOT NOTICED'} ${guarantee} by ${check.fault}: ${noticed.join(' | ')}`);
  }
  campaign.clean();
  const missed = rows.filter(({ noticed }) => !noticed);
  console.table(rows.map(({ 'broken promises': promises, ...row }) => ({ ...row, promises: promises.length })));
  console.log(JSON.stringify({ mutations: rows.length, noticed: rows.length - missed.length, missed: missed.map((row) => row['switched off']), checks: rows, seconds: Math.round((performance.now() - started) / 1_000) }));
  return missed.length === 0 && !campaign.interrupted ? 0 : 1;
}
