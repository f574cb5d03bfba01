/**
 * The services that a scenario may name: the vocabulary of the scenario format. A service that has a dialogue
 * (src/protocol/registry.ts) is identified by it; the others are proven by their connection alone (`proof: connected`).
 */
export const serviceNames = [
  'tcp',
  'http',
  'https',
  'tls',
  'mysql',
  'postgres',
  'redis',
  'kafka',
  'ldap',
  'ldaps',
  'ftp',
  'ftps',
  'ssh',
  'grpc',
  'tds',
  'oracle',
  'db2',
  'exasol',
  'gpfdist',
] as const;

export type ServiceName = (typeof serviceNames)[number];
