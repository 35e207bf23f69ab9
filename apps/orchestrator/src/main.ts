import { runService } from '@holdfast/service';
import { OrchestratorModule } from './orchestrator.module.js';
import { orchestratorSettings } from './settings.js';

await runService({ name: 'orchestrator', role: 'orchestrator', settings: orchestratorSettings, module: (settings) => OrchestratorModule.register(settings) });
