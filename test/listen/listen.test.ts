import { listenerContract } from './contract.js';
import { contestants } from './node.js';

for (const contestant of contestants) listenerContract(contestant);
