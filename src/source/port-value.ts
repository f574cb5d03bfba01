import * as z from 'zod';
import { type PortSet, parsePorts, portSet, singlePort, unionPorts } from '../model/port-set.js';

const aPort = 'a port from 1 to 65535';
const ports = 'a port from 1 to 65535, a range such as "20000-21000", or a list of these';

/** One port. */
export const portNumber = z
  .int({
    error: ({ input }) => (typeof input === 'string' && /^\d+$/.test(input) ? `${aPort}, without quotes` : aPort),
  })
  .min(1, aPort)
  .max(65535, aPort)
  .meta({ description: 'A TCP port, 1 to 65535.' });

const portRange = z
  .string({ error: ports })
  .regex(/^\s*\d{1,5}(\s*-\s*\d{1,5})?(\s*,\s*\d{1,5}(\s*-\s*\d{1,5})?)*\s*$/, ports)
  .refine((text) => parsePorts(text) !== undefined, ports);

const portOrRange = z.union([portNumber, portRange], { error: ports });

/** `8563`, `"20000-21000"`, or a list of these. */
export const portValue = z
  .union([portNumber, portRange, z.array(portOrRange).min(1, ports)], { error: ports })
  .meta({ description: 'A port, a range such as "20000-21000", or a list of these.' });

export type PortValue = z.infer<typeof portValue>;

/** The ports that a validated value stands for. */
export function toPortSet(value: PortValue): PortSet {
  if (typeof value === 'number') return singlePort(value);
  if (typeof value === 'string') return portSet(parsePorts(value) ?? []);
  return unionPorts(...value.map(toPortSet));
}
