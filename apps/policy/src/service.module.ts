import { Inject, Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { Bus } from '@holdfast/bus';
import { authorizeRequest, subjects, visibleRequest } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import { ATTRIBUTE, SPAN, extractContext, withWorkSpan } from '@holdfast/observability';
import { BUS, EVENT_LOG } from '@holdfast/service';
import type { Authorizer } from './authorizer/authorizer.js';
import type { PolicyConfiguration } from './configuration/configuration.js';
import { AUTHORIZER, PolicyModule } from './policy.module.js';

/** Policy on the bus: the two questions, each answered from the log. It has no way to change a run. */
@Module({})
export class PolicyServiceModule implements OnApplicationBootstrap {
  constructor(@Inject(BUS) private readonly bus: Bus, @Inject(AUTHORIZER) private readonly authorizer: Authorizer) {}

  static register(configuration: PolicyConfiguration): DynamicModule {
    const policy = PolicyModule.register({
      configuration,
      logReader: { inject: [EVENT_LOG], useFactory: (log: EventLog) => log },
      clock: Date.now,
    });
    return { module: PolicyServiceModule, imports: [policy] };
  }

  onApplicationBootstrap(): void {
    this.bus.serve(subjects.policyVisible(), visibleRequest, (question, context) =>
      withWorkSpan({ name: SPAN.policyVisible, kind: 'server', parent: extractContext({ get: (name) => context.header(name) }), attributes: { [ATTRIBUTE.runId]: question.runId, [ATTRIBUTE.tenant]: question.tenant } }, () => this.authorizer.visible(question)),
    );
    this.bus.serve(subjects.policyAuthorize(), authorizeRequest, (question, context) =>
      withWorkSpan({ name: SPAN.policyDecision, kind: 'server', parent: extractContext({ get: (name) => context.header(name) }), attributes: { [ATTRIBUTE.runId]: question.runId, [ATTRIBUTE.tenant]: question.tenant } }, async (span) => {
        const answer = await this.authorizer.authorize(question);
        span.setAttributes({ [ATTRIBUTE.policyOutcome]: answer.verdicts.map((verdict) => verdict.outcome), [ATTRIBUTE.policyDigest]: answer.verdicts[0]?.policyDigest });
        return answer;
      }),
    );
  }
}
