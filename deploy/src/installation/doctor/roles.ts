import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { ROLES, exportsOf, inboxPrefix, permissionsOf, type Export, type Role } from '@holdfast/contracts';
import type { DiagnosisSettings, Problem } from './diagnose.js';

const ANSWER_MS = 1_000;

/**
 * Logs in as each role whose seed is given, and tries what can be tried without writing: every read and every subscription
 * that the permission table grants.
 */
export async function refusedRoles(settings: DiagnosisSettings): Promise<readonly Problem[]> {
  const table = exportsOf(settings.partitions, settings.adapters);
  const given = ROLES.filter((role) => settings.seeds?.[role] !== undefined);
  const problems: Problem[] = [];
  for (const role of given) problems.push(...(await refusalsOf(role, settings, table)));
  return problems;
}

async function refusalsOf(role: Role, { url, seeds }: DiagnosisSettings, table: readonly Export[]): Promise<readonly Problem[]> {
  let connection: NatsConnection;
  try {
    connection = await connect({ servers: url.split(','), authenticator: nkeyAuthenticator(new TextEncoder().encode(seeds?.[role])), inboxPrefix: inboxPrefix(role), name: 'holdfast-doctor', reconnect: false, timeout: 5_000 });
  } catch (error) {
    return [problem(role, `cannot log in: ${String(error)}`)];
  }
  const refused = new Set<string>();
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'error') refused.add(String(status.error));
  })();
  const granted = permissionsOf(role, table);
  const reads = granted.publish.filter((subject) => subject.startsWith('$JS.API.DIRECT.GET.'));
  const unanswered = await Promise.all(reads.map(async (subject) => {
    const answered = await connection.request(subject, JSON.stringify({ last_by_subj: '>' }), { timeout: ANSWER_MS }).then(() => true, () => false);
    return answered ? [] : [subject];
  }));
  for (const subject of granted.subscribe) connection.subscribe(subject, { queue: `doctor-${process.pid}`, callback: () => undefined }).unsubscribe();
  await connection.flush();
  await connection.close();
  return [...unanswered.flat().map((subject) => `gets no answer on ${subject}`), ...refused].map((what) => problem(role, what));
}

function problem(role: Role, what: string): Problem {
  return { level: 'wrong', code: 'doctor.permission', message: `Role ${role} ${what}.`, remedy: 'Generate the broker\'s configuration again with this release and reload it; if streams are missing as well, run the installer first.' };
}
