import { describe, expect, it } from '@jest/globals';
import { ENDPOINTS } from '../endpoints/endpoints.js';
import { ROWS } from './rows.fixture.js';

describe('the matrix of endpoints', () => {
  it('has a row for each endpoint, so that none is served that was not tried in every way', () => {
    expect(Object.keys(ROWS).sort()).toEqual(ENDPOINTS.map(({ id }) => id).sort());
  });
});
