import { runService } from '@holdfast/service';
import { toolAdapterSettings } from './settings.js';
import { ToolAdaptersModule } from './tool-adapters.module.js';

await runService({ name: 'tool-adapters', role: 'tools', settings: toolAdapterSettings, module: (settings) => ToolAdaptersModule.register(settings) });
