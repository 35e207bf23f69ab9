import type { Fault, Schedule } from '../schedule/schedule.ts';

/** A fault in words. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'drop': return `message ${fault.nth} is lost`;
    case 'delay': return `message ${fault.nth} is ${fault.ms} ms late`;
    case 'duplicate': return `message ${fault.nth} comes again ${fault.ms} ms later`;
    case 'crash': return `the process at message ${fault.nth} is killed for ${fault.ms} ms${fault.sent ? '' : ' before it sends it'}`;
    case 'pause': return `the process at message ${fault.nth} is stopped for ${fault.ms} ms and goes on`;
    case 'power-loss': return `the broker loses its power at message ${fault.nth} for ${fault.ms} ms, and ${fault.forgets} acknowledgements of each consumer with it`;
    case 'redelivery': return `delivery ${fault.nth} is made again ${fault.ms} ms later`;
    case 'stale-read': return `read ${fault.nth} is answered by a replica that is ${fault.behind} messages behind`;
    case 'policy-down': return `every policy process is killed at message ${fault.nth} for ${fault.ms} ms`;
    case 'quarantine': return `all tools are quarantined at message ${fault.nth} for ${fault.ms} ms`;
    case 'model': return `model call ${fault.nth}: ${fault.how}`;
    case 'tool': return `tool call ${fault.nth}: ${fault.how}`;
    case 'forgery': return `dispatched call ${fault.nth} arrives with another amount`;
  }
}

/** A schedule in words, one line each. */
export function describeSchedule(schedule: Schedule): readonly string[] {
  const { runs, interventions, faults, answering } = schedule;
  return [
    `${schedule.orchestrators} orchestrators${schedule.leases ? ' with leases' : ''}, ${schedule.planners} planners, ${schedule.policies} policies, ${schedule.adapters} adapters, ${schedule.partitions} partitions`,
    ...runs.map((run, index) => `run ${index} at ${run.atMs} ms (${run.agent}${run.duplicates > 0 ? `, sent ${run.duplicates + 1} times` : ''}): ${run.steps.map((step) => step.map(({ tool, operation }) => `${tool} ${operation}`).join(' + ')).join(', then ') || 'no step'}`),
    ...(runs.some((run) => run.steps.length > 0) ? [`people answer ${answering.answer} after ${answering.delayMs} ms${answering.twice ? ', twice' : ''}`] : []),
    ...interventions.map(({ what, run, atMs, twice }) => `somebody says ${what} to run ${run} after ${atMs} ms${twice ? ', twice' : ''}`),
    ...faults.map(describeFault),
  ];
}
