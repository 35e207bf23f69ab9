import { Bus } from '@holdfast/bus';
import type { Role } from '@holdfast/contracts';
import type { BenchmarkContext } from '../suite/benchmark.ts';
import type { Installation } from './installation.ts';

/** A connection as the role's service makes it, closed when the benchmark ends. */
export async function roleBus(context: BenchmarkContext, { stack }: Installation, role: Role): Promise<Bus> {
  const seed = stack.identities?.[role].seed;
  const bus = await Bus.connect({ url: stack.brokerUrl, role, name: `benchmark-${role}`, ...(seed === undefined ? {} : { seed }) });
  context.defer(() => bus.close(1_000));
  return bus;
}
