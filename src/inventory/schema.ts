import * as z from 'zod';
import { hostKeyCheckings, transportNames } from '../model/inventory.js';
import { serviceEntry } from '../protocol/service.js';
import { factValue } from '../source/fact-value.js';
import { portNumber, portValue } from '../source/port-value.js';
import { isCalendarDate } from './calendar.js';
import { aProxy } from './proxy.js';
import { shellCommand } from './shell-command.js';

const aSecret = '{ "env": "NAME" } or "prompt": a secret is never in the inventory';
const namedTransports = transportNames.filter((name) => name !== 'command');
const aNamedTransport = namedTransports.map((name) => `"${name}"`).join(' or ');
const aTransport = `${aNamedTransport}, or { "command": ["docker", "exec", "-i", "db1", "sh"] }`;
const aDay = 'a calendar date such as 2027-05-31';
const aJump = 'hosts of the inventory or [user@]host[:port], separated by commas, or "none"';
const aVariable = 'the name of an environment variable';
const aPath = 'a path or a list of paths';
const aScenario = 'a name of letters, digits, ".", "_" and "-" that begins with a letter';

const text = z.string().min(1);
const paths = z.union([text, z.array(text).min(1, aPath)], { error: aPath });

const secret = z
  .union(
    [
      z.literal('prompt'),
      z.strictObject({ env: z.string({ error: aVariable }).regex(/^[A-Za-z_][A-Za-z0-9_]*$/, aVariable) }),
    ],
    {
      error: aSecret,
    },
  )
  .meta({
    description: 'Where the secret is to be had: an environment variable, or "prompt". Never the secret itself.',
  });

const sshDefaults = {
  port: portNumber.meta({ description: 'Where sshd listens. Default: 22.' }).optional(),
  user: text.optional(),
  identityFile: paths.meta({ description: 'Private keys; ~ is your home.' }).optional(),
  knownHostsFile: paths.optional(),
  strictHostKeyChecking: z
    .enum(hostKeyCheckings)
    .meta({ description: 'yes: an unknown host key is refused. accept-new: it is kept. no: keys are not checked.' })
    .optional(),
  jump: z
    .string({ error: aJump })
    .regex(/^[^\s,]+(?:,[^\s,]+)*$/, aJump)
    .meta({
      description:
        'The hosts that we log in through, the first one first: hosts of this inventory or [user@]host[:port], separated ' +
        'by commas; "none" for the direct way.',
    })
    .optional(),
  password: secret.optional(),
  passphrase: secret.optional(),
};

const ssh = z
  .strictObject({
    host: text.meta({ description: 'Where we log in; the address if left out.' }).optional(),
    ...sshDefaults,
  })
  .meta({ description: 'How we log in: OpenSSH’s own option names. What is left out is left to ~/.ssh/config.' });

const namedTransport = z
  .enum(namedTransports, { error: aTransport })
  .meta({ description: 'ssh2 (default); openssh: the ssh client of this machine; local: this machine.' });
const transport = z.union([namedTransport, z.strictObject({ command: shellCommand })], { error: aTransport });
const sudo = z.boolean().meta({ description: 'Allows `sudo -n`, for what only root may do.' });

const services = z.record(z.string().min(1), serviceEntry);

const party = {
  addresses: z
    .record(z.string().min(1), text)
    .meta({ description: 'Addresses on further networks, by network.' })
    .optional(),
  roles: z.array(text).meta({ description: 'Roles of the scenarios that it holds.' }).optional(),
  cluster: text.meta({ description: 'Keeps clusters of one product apart.' }).optional(),
  ports: z
    .record(z.string().min(1), portValue)
    .meta({ description: 'Ports that differ on this one, by the scenario’s name for them.' })
    .optional(),
  services: services
    .meta({ description: 'Who answers there, where that differs on this one, by port name.' })
    .optional(),
  facts: z.record(z.string().min(1), factValue).meta({ description: 'Facts that differ on this one.' }).optional(),
};
const address = text.meta({
  description: 'Where others reach it: an IP address, or a name that each source resolves.',
});

const host = z.strictObject({
  address: address.optional(),
  ...party,
  ssh: ssh.optional(),
  transport: transport.optional(),
  sudo: sudo.optional(),
});

const endpoint = z.strictObject({
  address,
  ...party,
  via: z
    .string({ error: aProxy })
    .meta({
      description:
        'The HTTP proxy that everything towards it goes through, by CONNECT: "http://proxy.example:3128". Nothing is then ' +
        'connected directly, and the proxy resolves the address.',
    })
    .optional(),
});

const instance = z.strictObject({
  use: text.meta({ description: 'The bundled scenario; the instance’s own name if left out.' }).optional(),
  file: text.meta({ description: 'A scenario file, relative to this one.' }).optional(),
  ports: z
    .record(z.string().min(1), portValue)
    .meta({ description: 'Ports that differ from the documented defaults.' })
    .optional(),
  services: services.meta({ description: 'Who answers at a port, where that differs from the scenario.' }).optional(),
  facts: z.record(z.string().min(1), factValue).optional(),
});

const waiver = z.strictObject({
  flow: text.meta({ description: 'FLOW or SCENARIO/FLOW.' }),
  from: text.meta({ description: 'Only from this host, endpoint or role.' }).optional(),
  to: text.meta({ description: 'Only to this host, endpoint or role.' }).optional(),
  reason: z.string({ error: 'the reason, in words' }).regex(/\S/, 'the reason, in words'),
  until: z
    .string({ error: aDay })
    .regex(/^\d{4}-\d{2}-\d{2}$/, aDay)
    .refine(isCalendarDate, aDay)
    .meta({ description: 'The last day on which it holds, 2027-05-31.' })
    .optional(),
});

/** The format of `inventory.json`, before patterns are expanded and references resolved. */
export const inventorySchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1, { error: '1, the only version of this format' }).optional(),
    defaults: z
      .strictObject({
        ssh: z.strictObject(sshDefaults).optional(),
        transport: z
          .enum(namedTransports, { error: `${aNamedTransport}; a command is of one host` })
          .meta({ description: 'How hosts are reached that say nothing else.' })
          .optional(),
        sudo: sudo.optional(),
      })
      .meta({ description: 'What holds for every host that says nothing else.' })
      .optional(),
    hosts: z
      .record(z.string(), host)
      .meta({ description: 'Hosts that we can log in to, by name or pattern: "exa-n[13:40]".' }),
    endpoints: z
      .record(z.string(), endpoint)
      .meta({ description: 'What nobody can log in to, but is connected to.' })
      .optional(),
    scenarios: z
      .record(z.string().regex(/^[A-Za-z][A-Za-z0-9._-]*$/, aScenario), instance)
      .meta({ description: 'The scenarios of this site, by name.' })
      .optional(),
    waivers: z.array(waiver).meta({ description: 'Failures that are known and accepted; still probed.' }).optional(),
  })
  .meta({ title: 'Portolan inventory', description: 'The site: hosts, how to log in to them, the roles they hold.' });

export type InventoryFile = z.infer<typeof inventorySchema>;
export type HostEntry = InventoryFile['hosts'][string];
export type EndpointEntry = NonNullable<InventoryFile['endpoints']>[string];
