import { describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { throughReconnects } from './reconnects.js';

const failure = (fields: object) => Object.assign(new Error('failed'), fields);

describe('throughReconnects', () => {
  it.each([
    ['the server was shut down', failure({ code: '57P01' })],
    ['the connection was reset', failure({ code: 'ECONNRESET' })],
    ['the driver wraps the error', failure({ driverError: failure({ code: '08006' }) })],
    ['the driver only says so in words', new Error('Connection terminated unexpectedly')],
    ['TypeORM has given the connection up', new Error('Database connection provided by a query runner was already released, cannot continue.')],
    ['the transaction lost a race', failure({ code: '40001' })],
  ])('runs the operation again when %s', async (_, error) => {
    const operation = jest.fn<() => Promise<string>>().mockRejectedValueOnce(error).mockResolvedValue('done');

    expect(await throughReconnects(operation, [0])).toBe('done');
    expect(operation).toHaveBeenCalledTimes(2);
  });

  it('does not repeat what the request itself is to blame for', async () => {
    const error = failure({ code: '22021' });
    const operation = jest.fn<() => Promise<void>>().mockRejectedValue(error);

    await expect(throughReconnects(operation, [0, 0])).rejects.toBe(error);
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it('says that the database is unavailable when nobody listens at its address', async () => {
    const attempts = jest.fn(() => new DataSource({ type: 'postgres', url: 'postgres://127.0.0.1:1/none' }).initialize());

    await expect(throughReconnects(attempts, [0, 0])).rejects.toMatchObject({ code: 'memory.database-unavailable', retryable: true });
    expect(attempts).toHaveBeenCalledTimes(3);
  });
});
