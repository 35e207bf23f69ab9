import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair, type CryptoKey, type JWTPayload } from 'jose';
import type { Issuer } from './issuers.js';

/** An OpenID Connect issuer on this machine: discovery, keys that can be exchanged, and tokens. */
export class TestIssuer {
  /** Requests for keys so far. */
  asked = 0;
  isAway = false;
  private readonly keys: { readonly kid: string; readonly alg: string; readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<TestIssuer> {
    const server = createServer();
    const issuer = new TestIssuer(server);
    server.on('request', (request, response) => {
      void issuer.answer(request.url ?? '').then(([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await issuer.exchangeKeys();
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** An entry of the issuers' file, with what a specification says otherwise. */
  entry(over: Partial<Issuer> = {}): Issuer {
    return {
      name: 'corp', issuer: this.url, audience: 'holdfast', algorithms: ['RS256'], user: 'sub', tenant: { value: 'acme' }, clockSkewSeconds: 0,
      roles: { claim: 'groups', grants: { 'holdfast-operators': 'operator', 'holdfast-approvers': 'approver' } }, groups: { claim: 'groups', grants: { 'finance-emea': 'treasury' } }, ...over,
    };
  }

  /** From now on tokens are signed with another key, and only that one is published. */
  async exchangeKeys(alg = 'RS256'): Promise<void> {
    const pair = await generateKeyPair(alg, { extractable: true });
    this.keys.unshift({ kid: `key-${this.keys.length + 1}`, alg, ...pair });
  }

  async token(claims: JWTPayload = {}, { lasts = '5m', audience = 'holdfast', issuer = this.url }: { readonly lasts?: string | number | 'for ever'; readonly audience?: string; readonly issuer?: string } = {}): Promise<string> {
    const [{ kid, alg, privateKey } = never()] = this.keys;
    const token = new SignJWT({ sub: 'jane', groups: ['holdfast-operators'], ...claims }).setProtectedHeader({ alg, kid }).setIssuer(issuer).setAudience(audience).setIssuedAt();
    return (lasts === 'for ever' ? token : token.setExpirationTime(lasts)).sign(privateKey);
  }

  /** The public key's own letters, with which a forger would sign if shared secrets were accepted. */
  async publicLetters(): Promise<Uint8Array> {
    const [{ publicKey } = never()] = this.keys;
    return new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey)));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(path: string): Promise<[number, unknown]> {
    if (this.isAway) return [503, {}];
    if (path === '/.well-known/openid-configuration') return [200, { issuer: this.url, jwks_uri: `${this.url}/keys` }];
    if (path === '/elsewhere/.well-known/openid-configuration') return [200, { issuer: this.url, jwks_uri: `${this.url}/keys` }];
    if (path !== '/keys') return [404, {}];
    this.asked += 1;
    const [{ kid, alg, publicKey } = never()] = this.keys;
    return [200, { keys: [{ ...await exportJWK(publicKey), kid, alg, use: 'sig' }] }];
  }
}

function never(): never {
  throw new Error('there is no key');
}
