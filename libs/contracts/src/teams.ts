import { z } from 'zod';
import { tenantId } from './identifiers.js';

/**
 * A team outside of Holdfast, which publishes tasks of one tenant and reads that tenant's public run events. It has an
 * account of its own on the broker and a durable consumer of its name on the stream of public events.
 */
export const team = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits or "-", and begin with a letter or digit'),
  tenant: tenantId,
});
export type Team = z.infer<typeof team>;

export type TeamAccount = `TEAM-${string}`;

export const teamAccount = ({ name }: Pick<Team, 'name'>): TeamAccount => `TEAM-${name}`;

/** Reads `<team>:<tenant>` with commas between them; an empty text names none. Throws a `TypeError` that says what is wrong. */
export function teamsOf(text: string): readonly Team[] {
  const teams = text.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '').map((entry): Team => {
    const [name, tenant, ...rest] = entry.split(':');
    const parsed = team.safeParse({ name, tenant });
    if (!parsed.success || rest.length > 0) throw new TypeError(`"${entry}" is no <team>:<tenant>: ${parsed.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ') ?? 'it has a colon too many'}`);
    return parsed.data;
  });
  const doubled = teams.find(({ name }, index) => teams.findIndex((other) => other.name === name) !== index);
  if (doubled !== undefined) throw new TypeError(`the team "${doubled.name}" is named twice`);
  return teams;
}
