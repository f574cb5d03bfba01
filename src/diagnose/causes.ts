import type { Cause } from './cause.js';
import { pathCauses } from './path-causes.js';
import { portCauses } from './port-causes.js';
import { provenCauses } from './proven-causes.js';
import { proxyCauses } from './proxy-causes.js';
import { serviceCauses } from './service-causes.js';
import { untriedCauses } from './untried-causes.js';

export type CauseName =
  | keyof typeof pathCauses
  | keyof typeof portCauses
  | keyof typeof provenCauses
  | keyof typeof proxyCauses
  | keyof typeof serviceCauses
  | keyof typeof untriedCauses;

/** Every cause a finding may name. */
export const causes: Readonly<Record<CauseName, Cause>> = {
  ...serviceCauses,
  ...provenCauses,
  ...proxyCauses,
  ...pathCauses,
  ...portCauses,
  ...untriedCauses,
};
