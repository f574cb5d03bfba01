export { alternatives, editDistance, nearestName, suggestName } from '../model/nearest.js';
