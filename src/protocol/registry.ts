import type { ServiceDefinition } from './definition.js';
import { mysql } from './mysql/dialogue.js';
import { tls } from './tls/dialogue.js';

/** Every dialogue, one line each. */
export const services: readonly ServiceDefinition[] = [mysql, tls];
