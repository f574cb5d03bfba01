import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { BareConnects, Dialogue, DialogueContext, Materials, Said } from '../model/dialogue.js';
import { noPorts, type PortSet } from '../model/port-set.js';
import type { ServiceName, ServiceSettings } from '../model/service.js';

/** A dialogue with all that documentation and validation draw from it: one file each, one line in the registry. */
export interface ServiceDefinition<Settings = ServiceSettings> extends Dialogue<Settings> {
  /** One clause for the reader: what counts as identified. */
  readonly title: string;
  /** What a scenario or an inventory may set; plain data once parsed. */
  readonly settings: z.ZodType<Settings>;
  /** What tells one conversation with it from another, in short: `/api/v2/time`. */
  label(settings: Settings): string;
  /** Tries what the settings name, before the first packet. Throws an ExpectedError where it is of no use. */
  tryMaterials(settings: Settings, materials: Materials): void;
}

/** What the author of a dialogue writes down; the rest is what most dialogues have in common. */
interface Draft<Settings> {
  readonly service: ServiceName;
  readonly title: string;
  /** Made when it is first used (`z.lazy`): to make the schemas of all services takes longer than the rest of a plan. */
  readonly settings: z.ZodType<Settings>;
  readonly bareConnects: BareConnects | ((settings: Settings) => BareConnects);
  readonly guardedPorts?: PortSet;
  speaks?(settings: Settings): boolean;
  label?(settings: Settings): string;
  tryMaterials?(settings: Settings, materials: Materials): void;
  converse(stream: Duplex, settings: Settings, context: DialogueContext): Promise<Said>;
}

export function defineService<Settings extends ServiceSettings>(draft: Draft<Settings>): ServiceDefinition<Settings> {
  const { bareConnects } = draft;
  return {
    guardedPorts: noPorts,
    speaks: () => true,
    label: () => '',
    tryMaterials: () => {},
    ...draft,
    bareConnects: typeof bareConnects === 'string' ? () => bareConnects : bareConnects,
  };
}

const aVariable = 'the name of an environment variable';

/** A file that a service needs; read before the first packet, by the program, not by the node. */
export const fileReference = z.strictObject({
  file: z.string().min(1).meta({ description: 'Path, relative to the file that says so.' }),
});

/** A secret that a service needs, by the name of its environment variable. */
export const secretReference = z.strictObject({
  env: z.string({ error: aVariable }).regex(/^[A-Za-z_][A-Za-z0-9_]*$/, aVariable),
});

/** The settings of a dialogue that has none. */
export const noSettings = z.strictObject({});
