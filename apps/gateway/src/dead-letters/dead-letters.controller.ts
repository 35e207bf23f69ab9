import { Controller, Inject, Query } from '@nestjs/common';
import type { z } from 'zod';
import { readJson, type Bus, type StoredMessage } from '@holdfast/bus';
import { deadLetter } from '@holdfast/contracts';
import { BUS } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { deadLetterList, deadLetterQuery, listDeadLetters } from './dead-letters.endpoints.js';

type DeadLetters = z.infer<typeof deadLetterList>;

@Controller()
export class DeadLettersController {
  constructor(@Inject(BUS) private readonly bus: Pick<Bus, 'getBatch'>) {}

  @Serves(listDeadLetters)
  async list(@Caller() caller: Principal, @Query() query: unknown): Promise<DeadLetters> {
    const { after, limit } = checked(deadLetterQuery, query);
    const stored = await this.bus.getBatch('DEAD', after + 1, limit, `dead.${caller.tenant}.>`);
    return { letters: stored.map(letterOf) };
  }
}

/** A letter that is not of our making is shown as it is rather than hidden. */
function letterOf(message: StoredMessage): DeadLetters['letters'][number] {
  const parsed = deadLetter.safeParse(readJson(message.data));
  if (parsed.success) return { ...parsed.data, sequence: message.sequence };
  return { at: 0, subject: message.subject, code: 'dead-letter.malformed', reason: 'The letter itself is malformed.', remedy: 'Look at its payload.', payload: new TextDecoder().decode(message.data), sequence: message.sequence };
}
