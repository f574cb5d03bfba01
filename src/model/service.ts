/** The name of a service: of one of the dialogues in src/protocol/registry.ts. */
export type ServiceName = string;

/** What a dialogue is told, checked against its own schema: plain data. */
export type ServiceSettings = Readonly<Record<string, unknown>>;

/** Who is to answer at a port: the protocol that identifies it, and what to ask for. Plain data. */
export interface Service {
  readonly name: ServiceName;
  /** With the dialogue's defaults filled in. */
  readonly settings: ServiceSettings;
  /** Services with the same key are one conversation. */
  readonly key: string;
  /** For the reader: `http /api/v2/time`. */
  readonly label: string;
}

/** A file that a service needs: a certificate authority, a client's key. Relative paths are the inventory file's. */
export interface FileReference {
  readonly file: string;
}

/** A secret that a service needs: the name of an environment variable, never the secret itself. */
export interface SecretReference {
  readonly env: string;
}

/** The files and secrets that settings name: wherever they hold nothing but `{ "file": … }` or `{ "env": … }`. */
export function referencesIn(value: unknown): readonly (FileReference | SecretReference)[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isReference(value)) return [value];
  return Object.values(value).flatMap(referencesIn);
}

function isReference(value: object): value is FileReference | SecretReference {
  const [[key, text] = ['', undefined], ...others] = Object.entries(value);
  return others.length === 0 && (key === 'file' || key === 'env') && typeof text === 'string';
}
