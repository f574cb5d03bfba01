import type { Dialogue } from '../model/dialogue.js';
import { mysql } from './mysql/dialogue.js';

/** Every dialogue, one line each. */
export const dialogues: readonly Dialogue[] = [mysql];
