import { readFileSync } from 'node:fs';
import type { Materials } from '../model/dialogue.js';
import { ExpectedError } from '../model/errors.js';
import { referencesIn, type Service } from '../model/service.js';
import { services as definitions } from '../protocol/registry.js';
import { checkTlsFiles } from '../protocol/secure.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What services need of files and secrets, read and tried before the first packet. Rejects with an {@link ExpectedError} that
 * lists all that is missing, or of no use.
 */
export async function prepareMaterials(services: readonly Service[], environment: Environment): Promise<Materials> {
  const materials = readMaterials(services, environment);
  const useless = new Set<string>();
  for (const { name, label, settings } of services) {
    try {
      definitions.find(({ service }) => service === name)?.tryMaterials(settings, materials);
      await checkTlsFiles(settings, materials);
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      useless.add(`the service ${label}: ${error.message}`);
    }
  }
  if (useless.size > 0) throw new ExpectedError([...useless].join('\n'));
  return materials;
}

/** Reads the files and secrets that services name. Throws an {@link ExpectedError} that lists all that are missing. */
export function readMaterials(services: readonly Service[], environment: Environment): Materials {
  const files = new Map<string, Buffer>();
  const secrets = new Map<string, string>();
  const missing = new Set<string>();
  for (const { label, settings } of services)
    for (const reference of referencesIn(settings)) {
      if ('file' in reference) {
        try {
          files.set(reference.file, readFileSync(reference.file));
        } catch (error) {
          const { code = '' } = error as NodeJS.ErrnoException;
          missing.add(`the service ${label} needs the file ${reference.file}, which cannot be read (${code})`);
        }
      } else {
        const secret = environment[reference.env];
        if (secret === undefined)
          missing.add(`the service ${label} needs the environment variable ${reference.env}, which is not set`);
        else secrets.set(reference.env, secret);
      }
    }
  if (missing.size > 0) throw new ExpectedError([...missing].join('\n'));
  return {
    file: ({ file }) => known(files, file),
    secret: ({ env }) => known(secrets, env),
  };
}

/** The secrets that services name, as far as they are there: what nobody may be shown. */
export function secretsOf(services: readonly Service[], environment: Environment): readonly string[] {
  const references = services.flatMap(({ settings }) => referencesIn(settings));
  return references.flatMap((reference) => ('env' in reference ? (environment[reference.env] ?? []) : []));
}

function known<T>(materials: ReadonlyMap<string, T>, name: string): T {
  const material = materials.get(name);
  if (material === undefined) throw new Error(`${name} was not read before the run`);
  return material;
}
