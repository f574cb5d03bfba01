import { isDeepStrictEqual } from 'node:util';
import stringWidth from 'string-width';
import * as z from 'zod';
import type { BareConnects } from '#src/model/dialogue.js';
import type { ServiceDefinition } from '#src/protocol/definition.js';
import { tlsSettings } from '#src/protocol/secure.js';

/** What docs/protocols.md says of a service by the registry alone. */
export function registryBlock(definition: ServiceDefinition): string {
  const { service, title, settings } = definition;
  return [
    `<!-- registry: ${service} -->`,
    '',
    `**Identified:** ${title}.`,
    '',
    `**Connections:** ${connectionsOf(definition)}.`,
    '',
    ...settingsTable(service, settings),
    '<!-- end -->',
  ].join('\n');
}

const connections: Readonly<Record<BareConnects, string>> = {
  harmless: 'two per check, a bare one that finds the port open, and the dialogue',
  logged: 'one per check, the dialogue; a bare one would leave a complaint behind',
  punished: 'one per source, address and run, the dialogue; the port is never swept',
};

function connectionsOf({ settings, bareConnects }: ServiceDefinition): string {
  const usually = bareConnects(settings.parse({}));
  const withTls = settings.safeParse({ tls: true });
  const overTls = withTls.success ? bareConnects(withTls.data) : usually;
  return overTls === usually ? connections[usually] : `${connections[usually]}; with \`tls\`, ${connections[overTls]}`;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

function schemaOf(settings: z.ZodType): Schema {
  const made = settings instanceof z.ZodLazy ? (settings.unwrap() as z.ZodType) : settings;
  return z.toJSONSchema(made, { io: 'input', unrepresentable: 'any' }) as Schema;
}

const shared = schemaOf(z.strictObject(tlsSettings())).properties ?? {};

function settingsTable(service: string, settings: z.ZodType): readonly string[] {
  const { properties = {} } = schemaOf(settings);
  const speaksTls = service !== 'tls' && Object.keys(shared).every((name) => name in properties);
  const isShared = ([name, schema]: [string, Schema]) => isDeepStrictEqual(schema, shared[name]);
  const own = Object.entries(properties).filter((entry) => !(speaksTls && isShared(entry)));
  const rows = own.map(([name, schema]) => [`\`${name}\``, values(schema), defaultOf(schema), text(schema)]);
  const others = speaksTls ? [`those of ${linkTo('tls')}`] : [];
  if (rows.length === 0) return [`**Settings:** ${others[0] ?? 'none'}.`, ''];
  const more = others.flatMap((each) => ['', `And ${each}.`]);
  return [...table(['setting', 'value', 'default', ''], rows), ...more, ''];
}

/** As the formatter writes it. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = header.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column]!)].map((cell) => stringWidth(cell))),
  );
  const line = (cells: readonly string[], fill: string) =>
    `| ${cells.map((cell, column) => cell + fill.repeat(widths[column]! - stringWidth(cell))).join(' | ')} |`;
  const rule = header.map(() => '');
  return [line(header, ' '), line(rule, '-'), ...rows.map((row) => line(row, ' '))];
}

function values({ $ref: reference, type, enum: choices, anyOf, properties, const: only }: Schema): string {
  if (only !== undefined) return code(only);
  if (choices !== undefined) return choices.map(code).join(', ');
  if (anyOf !== undefined) return [...new Set(anyOf.map(values))].join(' or ');
  // A schema that is shared by its name: that of TLS.
  if (reference !== undefined) return linkTo(reference.replace(/^.*\//, ''));
  if (properties !== undefined)
    return `\`{ ${Object.keys(properties)
      .map((name) => `"${name}": …`)
      .join(', ')} }\``;
  return type ?? 'any';
}

function linkTo(service: string): string {
  return `[\`${service}\`](#${service})`;
}

function defaultOf({ default: value }: Schema): string {
  return value === undefined ? '' : code(value);
}

function text({ description = '' }: Schema): string {
  return description.replaceAll('|', '\\|');
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
