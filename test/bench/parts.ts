import { measureEngines } from './engines.js';
import { measureGrowth } from './growth.js';
import type { Part } from './measure.js';
import { measureMesh } from './mesh.js';
import { measurePeers } from './peers.js';
import { measureProving } from './proving.js';
import { measureScale } from './scale.js';
import { measureStartUp } from './start-up.js';

/** The parts in the order in which they run. */
export const parts: readonly Part[] = [
  { name: 'start-up', needs: undefined, measure: measureStartUp },
  { name: 'scale', needs: undefined, measure: measureScale },
  { name: 'mesh', needs: ['nmap', 'ssh'], measure: measureMesh },
  { name: 'proving', needs: ['nmap', 'ssh'], measure: measureProving },
  { name: 'engines', needs: ['nft'], measure: measureEngines },
  { name: 'peers', needs: ['ssh'], measure: measurePeers },
  { name: 'growth', needs: [], measure: measureGrowth },
];
