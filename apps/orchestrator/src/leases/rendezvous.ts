/**
 * Who should own which partition: rendezvous hashing (Thaler and Ravishankar, 1998) with bounded loads (Mirrokni, Thorup
 * and Zadimoghaddam, 2016). Everybody who knows the same members arrives at the same answer, nobody owns more than the
 * rounded-up average, and a member that comes or goes moves little beside its own partitions.
 *
 * Returns the owner of each partition from 0 on; empty when there are no members.
 */
export function assign(partitions: number, members: readonly string[]): readonly string[] {
  const most = Math.ceil(partitions / Math.max(1, members.length));
  const pairs = members.flatMap((member) => Array.from({ length: partitions }, (_, partition) => ({ member, partition, score: scoreOf(member, partition) })));
  // Equal scores are told apart by name, or two members could see different owners.
  pairs.sort((a, b) => b.score - a.score || a.partition - b.partition || (a.member < b.member ? -1 : 1));
  const owners: string[] = [];
  const loads = new Map<string, number>();
  for (const { member, partition } of pairs) {
    const load = loads.get(member) ?? 0;
    if (owners[partition] !== undefined || load >= most) continue;
    owners[partition] = member;
    loads.set(member, load + 1);
  }
  return owners;
}

/** FNV-1a with the finalizer of MurmurHash3, whose avalanche the names of pods, alike but for a digit, need. */
function scoreOf(member: string, partition: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${member}/${partition}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
