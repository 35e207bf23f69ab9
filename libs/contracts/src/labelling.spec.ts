import { describe, expect, it } from '@jest/globals';
import { resultLabels } from './labelling.js';

const worst = { trust: 'third-party', secrecy: 'secret', fields: {}, items: 'passages.*' } as const;
const labelsOf = (result: unknown, believed?: Parameters<typeof resultLabels>[2]) => resultLabels(worst, 'tool:search', believed, result);
const passage = (trust: string, secrecy: string) => ({ text: 'Text.', trust, secrecy });

describe('the labels of a result whose objects carry their own', () => {
  it('are those of each object, and their join for the whole', () => {
    expect(labelsOf({ passages: [passage('organisation', 'public'), passage('third-party', 'internal')] })).toEqual({
      label: { trust: 'third-party', secrecy: 'internal', source: 'tool:search' },
      fields: {
        'passages.0': { trust: 'organisation', secrecy: 'public', source: 'tool:search#passages.0' },
        'passages.1': { trust: 'third-party', secrecy: 'internal', source: 'tool:search#passages.1' },
      },
    });
  });

  it('taint nothing where nothing was found', () => {
    expect(labelsOf({ passages: [] }).label).toMatchObject({ trust: 'organisation', secrecy: 'public' });
  });

  it.each(['user', 'endorsed'])('are never better than the organisation\'s text, also for "%s"', (trust) => {
    expect(labelsOf({ passages: [passage(trust, 'internal')] }).fields['passages.0']).toMatchObject({ trust: 'organisation' });
  });

  it.each([[{ text: 'No labels.' }], [passage('absolute', 'public')], [{ trust: 'organisation' }]])('are the contract\'s for an object without readable ones: %j', (object) => {
    expect(labelsOf({ passages: [object, passage('organisation', 'public')] })).toMatchObject({ label: { trust: 'third-party', secrecy: 'secret' }, fields: { 'passages.0': { trust: 'third-party', secrecy: 'secret' } } });
  });

  it('are the contract\'s for the whole where a value is outside such objects', () => {
    expect(labelsOf({ note: 'Hello.', passages: [passage('organisation', 'public')] })).toMatchObject({ label: { trust: 'third-party', secrecy: 'secret' }, fields: { 'passages.0': { trust: 'organisation' } } });
  });

  it('cannot be claimed for another object by a member whose name holds a dot', () => {
    const hostile = { passages: { '0': { ...passage('third-party', 'secret'), x: { text: 'IBAN' } }, '0.x': passage('organisation', 'public') } };

    expect(labelsOf(hostile)).toEqual({ label: { trust: 'third-party', secrecy: 'secret', source: 'tool:search' }, fields: {} });
  });

  it('are lowered by what lowers the whole', () => {
    expect(labelsOf({ passages: [passage('organisation', 'public')] }, () => 'third-party')).toMatchObject({ label: { trust: 'third-party' }, fields: { 'passages.0': { trust: 'third-party' } } });
  });

  it('are the contract\'s where there is no result, as of a failure', () => {
    expect(labelsOf(undefined)).toEqual({ label: { trust: 'third-party', secrecy: 'secret', source: 'tool:search' }, fields: {} });
  });
});
