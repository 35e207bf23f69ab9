import { runService } from '@holdfast/service';
import { EvalsModule } from './evals.module.js';
import { evalsSettings } from './settings.js';

await runService({ name: 'evals', role: 'evals', settings: evalsSettings, module: (settings) => EvalsModule.register(settings) });
