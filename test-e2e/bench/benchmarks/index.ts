import type { Benchmark } from '../suite/benchmark.ts';
import { agentLoop } from './agent-loop.ts';
import { disk } from './disk.ts';
import { failover } from './failover.ts';
import { growth } from './growth.ts';
import { handOver } from './hand-over.ts';
import { ledger } from './ledger.ts';
import { memory } from './memory.ts';
import { policy } from './policy.ts';
import { parts } from './parts.ts';
import { parked } from './parked.ts';
import { rebuild } from './rebuild.ts';
import { recovery } from './recovery.ts';
import { sharedBudgets } from './shared-budgets.ts';
import { stepLatency } from './step-latency.ts';
import { throughput } from './throughput.ts';
import { timers } from './timers.ts';

/** All benchmarks, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [stepLatency, throughput, agentLoop, failover, growth, rebuild, recovery, parked, disk, parts, policy, ledger, sharedBudgets, timers, handOver, memory];
