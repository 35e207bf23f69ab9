import { runService } from '@holdfast/service';
import { httpOptions } from './edge/http-options.js';
import { prepareEdge } from './edge/prepare-edge.js';
import { GatewayModule } from './gateway.module.js';
import { gatewaySettings } from './settings.js';

await runService({
  name: 'gateway',
  role: 'gateway',
  settings: gatewaySettings,
  module: (settings) => GatewayModule.register(settings),
  prepare: prepareEdge,
  http: httpOptions,
});
