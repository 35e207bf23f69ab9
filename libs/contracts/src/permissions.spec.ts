import { describe, expect, it } from '@jest/globals';
import { ROLES, exportsOf, permissionsOf } from './permissions.js';

const table = exportsOf(2, ['default']);

describe('the permission table', () => {
  it('lets the orchestrator alone publish to the log', () => {
    const writers = ROLES.filter((role) => permissionsOf(role, table).publish.some((subject) => subject.startsWith('log.')));

    expect(writers).toEqual(['orchestrator']);
  });

  it('keeps the ledger to the tool adapters and proposals to the planner', () => {
    const mayPublish = (prefix: string) => ROLES.filter((role) => permissionsOf(role, table).publish.some((subject) => subject === prefix));

    expect(mayPublish('effects.>')).toEqual(['tools']);
    expect(mayPublish('fact.*.*.*.plan')).toEqual(['planner']);
    expect(mayPublish('fact.*.*.*.tool')).toEqual(['tools']);
  });

  it('gives no role the broker administration, but for the deletion of data keys to whoever erases', () => {
    const subjects = ROLES.flatMap((role) => permissionsOf(role, table).publish);

    expect(subjects.filter((subject) => subject.startsWith('$JS.API.STREAM') || subject === '>' || /CONSUMER\.(CREATE|DELETE|DURABLE)/.test(subject))).toEqual([]);
    expect(table.filter(({ subject }) => subject.startsWith('$JS.API.STREAM')).map(({ subject, as, to }) => [subject, as, to])).toEqual([['$JS.API.STREAM.MSG.DELETE.DATA_KEYS', 'datakeys.delete', ['orchestrator']]]);
  });

  it('lets each role listen to its own inbox only', () => {
    for (const role of ROLES) {
      const inboxes = permissionsOf(role, table).subscribe.filter((subject) => subject.startsWith('_INBOX'));
      expect(inboxes).toEqual([`_INBOX.${role}.>`]);
    }
  });
});
