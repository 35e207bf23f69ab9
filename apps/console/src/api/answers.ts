import type { paths } from '../../generated/api.js';

/** What a `GET` of the API answers, as its description says. */
export type AnswerTo<Path extends keyof paths> = paths[Path] extends { get: { responses: { 200: { content: { 'application/json': infer Body } } } } } ? Body : never;
