import { runService } from '@holdfast/service';
import { MemoryServiceModule } from './service.module.js';
import { memorySettings } from './settings.js';

await runService({ name: 'memory', role: 'memory', settings: memorySettings, module: (settings) => MemoryServiceModule.register(settings) });
