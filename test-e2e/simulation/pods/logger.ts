import type { Logger } from '@holdfast/observability';
import type { Life } from './fleet.ts';

/** A logger whose lines are part of the trace: they show what a service thought, and must be the same in both runs. */
export function loggerOf(life: Life): Logger {
  const write = (level: string) => (first: object | string, message?: string): void => {
    const fields = typeof first === 'string' ? {} : first;
    const reason = 'err' in fields ? ` (${String(fields.err)})` : 'reason' in fields ? ` (${String(fields.reason)})` : '';
    life.note(level, `${typeof first === 'string' ? first : message ?? ''}${reason}`);
  };
  const logger = { trace: write('trace'), debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'), fatal: write('fatal'), child: () => logger };
  return logger as unknown as Logger;
}
