import { commonSettings, runService } from '@holdfast/service';
import { policyConfiguration } from './configuration/configuration.js';
import { PolicyServiceModule } from './service.module.js';

await runService({ name: 'policy', role: 'policy', settings: commonSettings.extend(policyConfiguration.shape), module: (settings) => PolicyServiceModule.register(settings) });
