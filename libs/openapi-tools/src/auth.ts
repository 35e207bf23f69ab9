import { HoldfastError } from '@holdfast/contracts';
import { isObject } from '@holdfast/json-schema';
import { resolve, type OpenApiDocument } from './document.js';
import type { OpenApiOverlay } from './overlay.js';

/** Puts credentials on a request. They are never arguments, and stand in no contract, error or log. */
export type Credentials = (request: { readonly url: URL; readonly headers: Record<string, string> }) => void;

/**
 * The credentials of the schemes that the overlay names, from the environment. Throws `openapi.auth-invalid`, which names
 * the scheme and the variable that is missing.
 */
export function credentialsOf(document: OpenApiDocument, { auth }: OpenApiOverlay, variables: Readonly<Record<string, string | undefined>>): Credentials {
  const schemes = isObject(document['components']) && isObject(document['components']['securitySchemes']) ? document['components']['securitySchemes'] : {};
  const all = Object.entries(auth).map(([name, variable]): Credentials => {
    const refuse = (reason: string, remedy: string): never => { throw new HoldfastError({ code: 'openapi.auth-invalid', message: `The security scheme "${name}" cannot be used: ${reason}.`, retryable: false, remedy }); };
    const scheme = resolve(document, schemes[name]) ?? refuse('the document has no such scheme', 'Correct "auth" in the overlay.');
    const secret = variables[variable] ?? refuse(`the variable ${variable} is not set`, `Set ${variable}.`);
    if (/[^\x20-\x7e]/.test(secret)) refuse(`the value of ${variable} has characters that cannot stand in a header`, `Correct ${variable}.`);
    const kind = `${String(scheme['type'])} ${String(scheme['scheme'] ?? scheme['in'] ?? '')}`.toLowerCase();
    const parameter = String(scheme['name']);
    switch (kind) {
      case 'http bearer': return ({ headers }) => { headers['authorization'] = `Bearer ${secret}`; };
      case 'http basic': return ({ headers }) => { headers['authorization'] = `Basic ${Buffer.from(secret).toString('base64')}`; };
      case 'apikey header': return ({ headers }) => { headers[parameter] = secret; };
      case 'apikey query': return ({ url }) => url.searchParams.set(parameter, secret);
      default: return refuse(`its kind "${kind.trim()}" is not supported`, 'Use http bearer, http basic, or an apiKey in a header or the query.');
    }
  });
  return (request) => { for (const put of all) put(request); };
}
