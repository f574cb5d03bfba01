import * as z from 'zod';
import { expectations, phases, ruleKinds, severities } from '../model/scenario.js';
import { serviceEntry } from '../protocol/service.js';
import { factValue } from '../source/fact-value.js';
import { portNumber, portValue } from '../source/port-value.js';

const aName = 'a name of letters, digits, ".", "_" and "-" that begins with a letter';
const aFact =
  'the name of a fact: letters, digits, ".", "_" and "-", beginning with a letter; "from." and "to." are taken, and so are and, or, not, true, false';
const somePorts = 'a port, a range such as "20000-21000", the name of a port, or a list of these';
const someRoles = 'a role or a list of roles';

const name = z.string({ error: aName }).regex(/^[A-Za-z][A-Za-z0-9._-]*$/, aName);
const factName = z.string().regex(/^(?!(?:from|to)\.|(?:and|or|not|true|false)$)[A-Za-z][A-Za-z0-9._-]*$/, aFact);
const text = z.string().min(1);

const roles = z.union([text, z.array(text).min(1, someRoles)], { error: someRoles });
const portReference = z.union([portNumber, z.string().min(1, somePorts)], { error: somePorts });
const portReferences = z.union([portReference, z.array(portReference).min(1, somePorts)], { error: somePorts }).meta({
  description: 'The name of a port of this scenario, a number, a range such as "20000-21000", or a list of these.',
});
const cite = z
  .union([text, z.array(text).min(1, 'text or a list of texts')], { error: 'text or a list of texts' })
  .meta({ description: 'Where the document says so: section and row.' });
const when = text.meta({
  description: 'Only where this holds: `version < 4 and not from.direct`. A fact without a side is the destination’s.',
});
const severity = z.enum(severities).meta({ description: 'advisory: what would fail is a warning. Default: error.' });
const remark = text.meta({ description: 'What a reader has to know besides.' });
const title = text.meta({ description: 'One line in your own words.' });
const anyOrAll = z.enum(['any', 'all']);

const documentReference = z.strictObject({
  title: text,
  short: text
    .meta({ description: 'What citations call the document, where its title is too long to be repeated in each.' })
    .optional(),
  url: z.url({ error: 'an address such as https://docs.example.com/' }).optional(),
});

const port = z.strictObject({
  title: title.optional(),
  default: portValue.meta({ description: 'What the document says; an inventory overrides it.' }),
  service: serviceEntry.meta({ description: 'Who answers there: identified by its protocol.' }).optional(),
});

const flow = z.strictObject({
  id: name.meta({ description: 'Unique in the scenario.' }),
  title: title.optional(),
  from: roles.meta({ description: 'The role that connects, or a list; "*" is every other host of the site.' }),
  to: roles.meta({ description: 'The role that is connected to, or a list.' }),
  port: portReferences,
  expect: z.enum(expectations).meta({
    description:
      'open: something answers. reachable: answered or refused, packets pass. closed: nobody can connect. filtered: packets do not even arrive.',
  }),
  cite,
  match: z
    .strictObject({
      ports: anyOrAll.meta({ description: 'any: one port of the set must do. Default: all.' }).optional(),
      hosts: anyOrAll
        .meta({ description: 'any: one destination must do, per source; the others only reachable. Default: all.' })
        .optional(),
      exclude: portReferences.optional(),
      prefer: portReferences.optional(),
    })
    .optional(),
  self: z
    .union([z.boolean(), z.literal('only')], { error: 'true, false or "only"' })
    .meta({ description: 'true: the source is a destination too. only: it is the only one.' })
    .optional(),
  when: when.optional(),
  severity: severity.optional(),
  phase: z.enum(phases).meta({ description: 'Default: both.' }).optional(),
  within: z.literal('cluster').meta({ description: 'Only between hosts of the same cluster.' }).optional(),
  network: name
    .meta({ description: 'Which of the destination’s addresses; loopback is 127.0.0.1 of the source itself.' })
    .optional(),
  service: serviceEntry.meta({ description: 'Who answers; else what the port says.' }).optional(),
  remark: remark.optional(),
});

const occupancy = z.strictObject({
  id: name,
  title: title.optional(),
  on: roles.meta({ description: 'The role on whose hosts the ports must be free before the installation.' }),
  port: portReferences,
  match: z.strictObject({ ports: anyOrAll.optional(), exclude: portReferences.optional() }).optional(),
  when: when.optional(),
  severity: severity.optional(),
  cite,
  remark: remark.optional(),
});

const rule = z.strictObject({
  id: name,
  title: title.optional(),
  rule: z.enum(ruleKinds).meta({ description: 'What the inventory is held to, without a packet.' }),
  ports: z.array(text).meta({ description: 'Names of ports of this scenario.' }).optional(),
  roles: z.array(text).optional(),
  when: when.optional(),
  severity: severity.optional(),
  cite,
  remark: remark.optional(),
});

/** The format of `scenarios/NAME.yaml`, before its references are resolved. */
export const scenarioSchema = z
  .strictObject({
    $schema: z.string().optional(),
    scenario: name.meta({ description: 'The scenario’s name: the file’s, for a bundled one.' }),
    title,
    document: documentReference.meta({ description: 'The vendor document that this scenario transcribes.' }),
    documents: z.array(documentReference).meta({ description: 'Further documents that flows cite.' }).optional(),
    roles: z
      .record(name, z.strictObject({ title: title.optional() }))
      .meta({ description: 'The parts that hosts play.' }),
    ports: z.record(name, port).meta({ description: 'Every port is a variable with the documented default.' }),
    facts: z
      .record(factName, z.strictObject({ title: title.optional(), default: factValue.optional() }))
      .meta({
        description:
          'What conditions may ask for, with defaults; without one, a condition is undecidable until a site says.',
      })
      .optional(),
    flows: z.array(flow).meta({ description: 'Who connects to whom, on which ports, and what is expected.' }),
    occupancy: z.array(occupancy).meta({ description: 'Ports that must be free before the installation.' }).optional(),
    rules: z.array(rule).meta({ description: 'What the inventory is held to, without a packet.' }).optional(),
  })
  .meta({ title: 'Portolan scenario', description: 'One vendor document as data.' });

export type ScenarioFile = z.infer<typeof scenarioSchema>;
