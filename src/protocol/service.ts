import { resolve } from 'node:path';
import * as z from 'zod';
import type { FileReference, Service, ServiceName, ServiceSettings } from '../model/service.js';
import { fileReference, type ServiceDefinition } from './definition.js';
import { services } from './registry.js';

const byName: ReadonlyMap<ServiceName, ServiceDefinition> = new Map(services.map((each) => [each.service, each]));
const names = services.map(({ service }) => service);
const aService = `${names.join(', ')}, or one of them with its settings: { "http": { "path": "/health" } }`;

const named = z.enum(names as [string, ...string[]]);
const withSettings = z.lazy(() =>
  z
    .strictObject(Object.fromEntries(services.map(({ service, settings }) => [service, settings.optional()])))
    .refine((entry) => Object.keys(entry).length === 1, { error: 'one service with its settings' }),
);

/** A service as scenarios and inventories write it: `redis`, or `{ http: { path: /health } }`. */
// With a name of its own it stands once in a JSON Schema, however often it is referred to.
export const serviceEntry = z.union([named, withSettings], { error: aService }).meta({ id: 'service' });

export type ServiceEntry = z.infer<typeof serviceEntry>;

/** The service of an entry that fits {@link serviceEntry}. `folder`: what the files that it names are relative to. */
export function toService(entry: ServiceEntry, folder: string): Service {
  if (typeof entry === 'string') return makeService(entry, {});
  const [[name, settings] = ['', undefined]] = Object.entries(entry);
  return makeService(name, resolveFiles(settings ?? {}, folder) as ServiceSettings);
}

/** The settings with every `{ "file": … }` in them resolved against a folder. */
function resolveFiles(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((each) => resolveFiles(each, folder));
  if (typeof value !== 'object' || value === null) return value;
  if (fileReference.safeParse(value).success) return { file: resolve(folder, (value as FileReference).file) };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolveFiles(each, folder)]));
}

/** A service with these settings, those left out filled in. Throws a ZodError where they do not fit. */
export function makeService(name: ServiceName, given: ServiceSettings): Service {
  const definition = byName.get(name);
  if (definition === undefined) throw new Error(`there is no dialogue for the service ${name}`);
  const settings = definition.settings.parse(given);
  const label = definition.label(settings);
  return {
    name,
    settings,
    // A service that punishes bare connects is spoken to once, whatever several flows would ask of it.
    key: definition.bareConnects(settings) === 'punished' ? name : `${name} ${JSON.stringify(settings)}`,
    label: label === '' ? name : `${name} ${label}`,
  };
}
