import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { HoldfastError } from '@holdfast/contracts';
import { problemHeaders, problemOf } from '../edge/problem.js';

/** Where `npm run build` leaves the console. */
export const CONSOLE_FOLDER = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

const HOME = '/console/';
const A_YEAR_SECONDS = 365 * 24 * 60 * 60;

/** The console's files need no key: they hold nothing of anybody's. What they show is asked for with the person's own. */
export function isOfConsole(url: string): boolean {
  const path = url.split('?')[0] ?? '';
  return path === '/console' || path.startsWith(HOME);
}

/** What its pages may load: their own scripts and styles by address, pictures of the styles, and answers of this gateway. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/**
 * Serves the console under `/console/`. Files whose names carry their content's hash may be kept for ever; every other address is a
 * place in the console, so it is answered with its one page, which is asked for again each time. Where the console was not
 * built, each address answers 503 `console.not-built`.
 */
export async function serveConsole(server: FastifyInstance, folder: string = CONSOLE_FOLDER): Promise<void> {
  const files = existsSync(join(folder, 'index.html')) ? filesOf(folder) : undefined;
  if (files !== undefined) await server.register(fastifyStatic, { root: folder, serve: false, preCompressed: true, cacheControl: false });
  server.get('/console', (_request, reply) => reply.redirect(HOME, 308));
  server.get<{ Params: { '*': string } }>(`${HOME}*`, (request, reply) => {
    if (files === undefined) return refuse(reply, notBuilt());
    const asked = request.params['*'];
    const isHashed = asked.startsWith('assets/');
    if (isHashed && !files.has(asked)) return refuse(reply, unknownFile());
    const file = files.has(asked) ? asked : 'index.html';
    void reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    // Compressed files are chosen by what the browser accepts, which whoever keeps answers has to know.
    void reply.header('vary', 'accept-encoding');
    return reply.header('cache-control', isHashed ? `public, max-age=${A_YEAR_SECONDS}, immutable` : 'no-cache').sendFile(file);
  });
}

function refuse(reply: FastifyReply, error: HoldfastError): FastifyReply {
  const refusal = problemOf(error);
  return reply.code(refusal.status).headers(problemHeaders(refusal.status)).send(JSON.stringify(refusal));
}

const notBuilt = (): HoldfastError => new HoldfastError({ code: 'console.not-built', message: 'This gateway has no console: it was not built.', retryable: true, remedy: 'Run "npm run build" and start the gateway again; the API and the command line work without it.' });
const unknownFile = (): HoldfastError => new HoldfastError({ code: 'route.unknown', message: 'The console has no such file; it may be of another release.', retryable: false, remedy: 'Load the page again.' });

/** The files in a folder, by their path in it with slashes; those that are another one compressed are left out. */
function filesOf(folder: string): ReadonlySet<string> {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const files = all.filter((path) => statSync(path).isFile() && !/\.(br|gz)$/.test(path));
  return new Set(files.map((path) => relative(folder, path).split(sep).join('/')));
}
