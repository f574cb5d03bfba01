import type { RuleKind } from '../model/scenario.js';
import { browserUnsafePorts } from './browser-unsafe-ports.js';
import { consistentPorts } from './consistent-ports.js';
import { distinctPorts } from './distinct-ports.js';
import { fixedPorts } from './fixed-ports.js';
import { privilegedPorts } from './privileged-ports.js';
import { reservedPort } from './reserved-port.js';
import { samePortEverywhere } from './same-port-everywhere.js';
import type { RuleCheck } from './violation.js';

/** How each kind of rule is checked: a new one is a file and a line here. */
export const ruleChecks: Readonly<Record<RuleKind, RuleCheck>> = {
  'privileged-ports': privilegedPorts,
  'browser-unsafe-ports': browserUnsafePorts,
  'same-port-everywhere': samePortEverywhere,
  'consistent-ports': consistentPorts,
  'reserved-port': reservedPort,
  'distinct-ports': distinctPorts,
  'fixed-ports': fixedPorts,
};

/**
 * The kinds that look at endpoints too. An endpoint may be a load balancer, whose ports are its own and no server's; but
 * what people open in a browser, they open there.
 */
export const kindsForEndpoints: ReadonlySet<RuleKind> = new Set(['browser-unsafe-ports']);
