/** Injection tokens of what every service is given. */
export const BUS = Symbol('Bus');
export const DATA_KEYS = Symbol('DataKeys');
export const EVENT_LOG = Symbol('EventLog');
export const SETTINGS = Symbol('Settings');
export const LOGGER = Symbol('Logger');
export const TELEMETRY = Symbol('Telemetry');
export const METRICS = Symbol('Metrics');
