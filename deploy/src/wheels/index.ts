export { installWheel, wheelInstallation, type ObtainSettings } from './install-wheel.js';
export { cacheFolder, ensureInstalled, findInstalled, type Installation } from './installation-cache.js';
export { PLATFORMS, currentPlatform, type PinnedWheel, type Platform, type WheelPin } from './pin.js';
export { unpack, type Placement } from './unpack.js';
