import { runService } from '@holdfast/service';
import { PlannerModule } from './planner.module.js';
import { plannerSettings } from './settings.js';

await runService({ name: 'planner', role: 'planner', settings: plannerSettings, module: (settings) => PlannerModule.register(settings) });
