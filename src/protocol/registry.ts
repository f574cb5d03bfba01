import { db2 } from './db2.js';
import type { ServiceDefinition } from './definition.js';
import { exasol } from './exasol/dialogue.js';
import { ftp, ftps } from './ftp/dialogue.js';
import { grpc } from './grpc/dialogue.js';
import { http, https } from './http/dialogue.js';
import { gpfdist } from './http/gpfdist.js';
import { kafka } from './kafka.js';
import { ldap, ldaps } from './ldap/dialogue.js';
import { mysql } from './mysql/dialogue.js';
import { oracle } from './oracle.js';
import { postgres } from './postgres.js';
import { redis } from './redis.js';
import { ssh } from './ssh.js';
import { tcp } from './tcp/dialogue.js';
import { tds } from './tds.js';
import { tls } from './tls/dialogue.js';

/** Every dialogue, one line each. */
export const services: readonly ServiceDefinition[] = [
  mysql,
  tls,
  oracle,
  tds,
  db2,
  exasol,
  redis,
  ftp,
  ftps,
  ssh,
  ldap,
  ldaps,
  http,
  https,
  gpfdist,
  postgres,
  kafka,
  grpc,
  tcp,
];
