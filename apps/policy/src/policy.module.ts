import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { declaredAgents, type Agents } from '@holdfast/agent-registry';
import type { Logger } from '@holdfast/observability';
import type { OpenedCatalog } from '@holdfast/tool-registry';
import { Authorizer, type AuthorizerDependencies } from './authorizer/authorizer.js';
import { PolicyFolder } from './bundles/policy-folder.js';
import type { PolicyConfiguration } from './configuration/configuration.js';
import { privateKeyText } from './configuration/private-key.js';
import { RotatingSigner } from './permits/rotating-signer.js';

export const PRESENT_CATALOG = Symbol('PresentCatalog');
export const POLICY_FOLDER = Symbol('PolicyFolder');
export const PERMIT_SIGNER = Symbol('PermitSigner');
export const POLICY_LOGGER = Symbol('PolicyLogger');
export const LOG_READER = Symbol('LogReader');
export const AUTHORIZER = Symbol('Authorizer');

/** The catalogue; where people may accept other contracts and publish other agents, with the registries that say so. */
export type PresentCatalog = Pick<OpenedCatalog, 'catalog'> & Partial<OpenedCatalog> & { readonly agents?: Agents & { close(): void } };

export interface PolicyModuleOptions {
  readonly configuration: PolicyConfiguration;
  /** How the log is read; a factory so that it can be given what other modules provide. */
  readonly logReader: Omit<FactoryProvider<AuthorizerDependencies['log']>, 'provide'>;
  readonly catalog: Omit<FactoryProvider<PresentCatalog | Promise<PresentCatalog>>, 'provide'>;
  /** The modules that export what the factories inject. */
  readonly imports?: DynamicModule['imports'];
  readonly logger: Omit<FactoryProvider<Pick<Logger, 'error' | 'info'>>, 'provide'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Wires the policy service's core: bundle, signer and authorizer, each under a token of its own. */
@Module({})
export class PolicyModule {
  static register({ configuration, logReader, catalog, logger, imports = [], clock }: PolicyModuleOptions): DynamicModule {
    const providers: FactoryProvider[] = [
      { ...logReader, provide: LOG_READER },
      { ...catalog, provide: PRESENT_CATALOG },
      { ...logger, provide: POLICY_LOGGER },
      { provide: POLICY_FOLDER, inject: [PRESENT_CATALOG], useFactory: (present: PresentCatalog) => PolicyFolder.open({ policies: configuration.HOLDFAST_POLICIES, catalog: () => present.catalog, environment: configuration.HOLDFAST_ENVIRONMENT }) },
      { provide: PERMIT_SIGNER, inject: [POLICY_LOGGER], useFactory: (log: Pick<Logger, 'error' | 'info'>) => RotatingSigner.open(() => privateKeyText(configuration.HOLDFAST_PERMIT_PRIVATE_KEY), configuration.HOLDFAST_PERMIT_SECONDS, log) },
      {
        provide: AUTHORIZER,
        inject: [POLICY_FOLDER, PRESENT_CATALOG, LOG_READER, PERMIT_SIGNER],
        useFactory: (bundles: PolicyFolder, { catalog, agents }: PresentCatalog, log: AuthorizerDependencies['log'], signer: RotatingSigner) => new Authorizer({ bundles, agents: agents ?? declaredAgents(catalog.agents), log, signer, environment: configuration.HOLDFAST_ENVIRONMENT, clock }),
      },
    ];
    return { module: PolicyModule, imports, providers, exports: [PRESENT_CATALOG, POLICY_FOLDER, PERMIT_SIGNER, AUTHORIZER] };
  }
}
