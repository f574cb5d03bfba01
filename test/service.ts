import type { Service } from '#src/model/service.js';

/** A service with nothing set, by its name. */
export function serviceNamed(name: string): Service;
export function serviceNamed(name: string | undefined): Service | undefined;
export function serviceNamed(name: string | undefined): Service | undefined {
  return name === undefined ? undefined : { name, settings: {}, key: name, label: name };
}
