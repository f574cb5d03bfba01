import { measureEngines } from './engines.js';
import type { Part } from './measure.js';
import { measureMesh } from './mesh.js';
import { measureScale } from './scale.js';
import { measureStartUp } from './start-up.js';

/** The parts in the order in which they run. */
export const parts: readonly Part[] = [
  { name: 'start-up', needs: [], measure: measureStartUp },
  { name: 'scale', needs: [], measure: measureScale },
  { name: 'mesh', needs: ['nmap', 'ssh'], measure: measureMesh },
  { name: 'engines', needs: ['nft'], measure: measureEngines },
];
