import { useEffect, useId, useState } from 'preact/hooks';
import createClient from 'openapi-fetch';
import type { paths } from '../../generated/api.js';
import { Problem, problemFrom, problemOf } from '../api/problem.js';
import { backoffMs, pause } from '../api/backoff.js';
import { expired, signOut, signedIn, token, type Person } from './session.js';

/** Asks for a key, or tries the one that this tab still has. */
export function SignIn() {
  const [key, setKey] = useState('');
  const [isTrying, setTrying] = useState(token.value !== undefined);
  const [problem, setProblem] = useState<Problem | undefined>(expired.value);
  const [field, note] = [useId(), useId()];

  useEffect(() => {
    document.title = 'Sign in · Holdfast';
    const kept = token.value;
    if (kept === undefined) return undefined;
    const controller = new AbortController();
    void resume(kept, controller.signal, setProblem).finally(() => setTrying(false));
    return () => controller.abort();
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const given = key.trim();
    if (given === '') return setProblem(new Problem({ status: 0, code: 'auth.key-missing', detail: 'There is no key.', remedy: 'Type or paste an API key of this installation, or a token of your identity provider.', retryable: false }));
    setTrying(true);
    try {
      signedIn(given, await whoHas(given));
    } catch (error) {
      setProblem(problemFrom(error));
      setTrying(false);
    }
  };

  return (
    <main class="sign-in">
      <form class="card" onSubmit={(event) => void submit(event)} noValidate>
        <span class="mark large" aria-hidden="true" />
        <h1>Holdfast</h1>
        <p>See what your agents did, why, and what waits for you.</p>
        <div data-field={problem === undefined ? undefined : 'error'}>
          <label for={field}>API key or access token</label>
          <input id={field} type="password" autocomplete="current-password" spellcheck={false} value={key} onInput={(event) => setKey(event.currentTarget.value)} aria-invalid={problem !== undefined} aria-describedby={note} autofocus />
          <div id={note} role="status" class="hint">
            {problem === undefined ? 'It stays in this tab and is gone when you close it.' : <><strong>{problem.message}</strong> {problem.remedy}</>}
          </div>
        </div>
        <button type="submit" disabled={isTrying} aria-busy={isTrying}>{isTrying ? 'Signing in…' : 'Sign in'}</button>
      </form>
    </main>
  );
}

/** Tries until the gateway takes the key or refuses it: one that is starting again does not sign anybody out. */
async function resume(kept: string, signal: AbortSignal, tell: (problem: Problem) => void): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      return signedIn(kept, await whoHas(kept));
    } catch (error) {
      const problem = problemFrom(error);
      tell(problem);
      if (!problem.isRetryable) {
        signOut();
        expired.value = problem;
        return;
      }
      await pause(backoffMs(failures, Math.random(), problem.retryAfterMs), signal);
    }
  }
}

async function whoHas(key: string): Promise<Person> {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new Problem({ status: 0, code: 'auth.key-unknown', detail: 'This cannot be a key: it holds blanks or other characters that no key has.', remedy: 'Paste the key alone, without quotes.', retryable: false });
  const { data, error, response } = await createClient<paths>({ baseUrl: location.origin, credentials: 'omit', cache: 'no-store', headers: { authorization: `Bearer ${key}` } }).GET('/v1/principal');
  if (data === undefined) throw problemOf(response, error);
  return data;
}
