import type { ToolContract } from '@holdfast/contracts';
import { identityOf, operationKey } from '@holdfast/tool-sdk';
import type { WhyMeans } from './why.js';

/**
 * The keys under which the ledger has calls, by the contracts that the catalogue knows: a call whose contract is another one by now
 * has none here. Reads have no operation.
 */
export function operationKeysBy(contracts: readonly ToolContract[]): NonNullable<WhyMeans['operationKeyOf']> {
  const byDigest = new Map(contracts.map((contract) => [`${contract.name} ${contract.digest}`, contract]));
  return ({ tool, effect, contractDigest, arguments: args, callId }, { tenant, runId }) => {
    const contract = byDigest.get(`${tool} ${contractDigest}`);
    return contract === undefined || effect === 'read' ? undefined : operationKey({ tenant, tool, identity: identityOf(contract, args, { runId, callId }) });
  };
}
