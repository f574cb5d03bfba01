import type { PortSet } from './port-set.js';

/**
 * Ports that transparent proxies answer in the name of whatever address is asked for, a dead host's too: an answer there is
 * no sign of life of the address.
 */
export const proxiedPorts: PortSet = [
  [80, 80],
  [443, 443],
  [3128, 3128],
  [8080, 8080],
];
