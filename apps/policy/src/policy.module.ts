import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { Authorizer, type AuthorizerDependencies } from './authorizer/authorizer.js';
import { PolicyFolder } from './bundles/policy-folder.js';
import type { PolicyConfiguration } from './configuration/configuration.js';
import { privateKeyText } from './configuration/private-key.js';
import { PermitSigner } from './permits/permit-signer.js';

export const POLICY_FOLDER = Symbol('PolicyFolder');
export const PERMIT_SIGNER = Symbol('PermitSigner');
export const LOG_READER = Symbol('LogReader');
export const AUTHORIZER = Symbol('Authorizer');

export interface PolicyModuleOptions {
  readonly configuration: PolicyConfiguration;
  /** How the log is read; a factory so that it can be given what other modules provide. */
  readonly logReader: Omit<FactoryProvider<AuthorizerDependencies['log']>, 'provide'>;
  /** The modules that export what the log reader's factory injects. */
  readonly imports?: DynamicModule['imports'];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Wires the policy service's core: bundle, signer and authorizer, each under a token of its own. */
@Module({})
export class PolicyModule {
  static register({ configuration, logReader, imports = [], clock }: PolicyModuleOptions): DynamicModule {
    const providers: FactoryProvider[] = [
      { ...logReader, provide: LOG_READER },
      { provide: POLICY_FOLDER, useFactory: () => PolicyFolder.open({ policies: configuration.HOLDFAST_POLICIES, catalog: configuration.HOLDFAST_CATALOG }) },
      { provide: PERMIT_SIGNER, useFactory: async () => PermitSigner.create(await privateKeyText(configuration.HOLDFAST_PERMIT_PRIVATE_KEY), configuration.HOLDFAST_PERMIT_SECONDS) },
      {
        provide: AUTHORIZER,
        inject: [POLICY_FOLDER, LOG_READER, PERMIT_SIGNER],
        useFactory: (bundles: PolicyFolder, log: AuthorizerDependencies['log'], signer: PermitSigner) => new Authorizer({ bundles, log, signer, environment: configuration.HOLDFAST_ENVIRONMENT, clock }),
      },
    ];
    return { module: PolicyModule, imports, providers, exports: [POLICY_FOLDER, PERMIT_SIGNER, AUTHORIZER] };
  }
}
