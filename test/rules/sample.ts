import { type ChangeRequest, type Place, type ProposedRule, purposeOf } from '#src/rules/request.js';
import { ports } from '../plan/builders.js';

// A change request with one of everything that a format has to draw.

const origin = ['Firewall change request by portolan rules, made from the plan of exasol for inventory.json.'];

const place = (address: string, name: string): Place => ({ address, names: [name] });
const nodes = [11, 12, 13, 14].map((last) => place(`10.10.0.${last}`, `exa-n${last}`));
const nodes6 = [11, 12].map((last) => place(`fd00:10:10::${last}`, `exa-n${last}`));
const many = [1, 3].map((last) => place(`10.20.0.${last}`, `app-${last}`));
const many6 = [1, 3, 5, 7, 9, 11, 13, 15, 17].map((last) => place(`fd00:20::${last}`, `app-${last}`));

const purpose = (flow: string, title: string, row = 'Exasol ports, Incoming Connections, row 1') =>
  purposeOf(`exasol/${flow}`, title, 'error', [row]);
const clients = purpose('client', 'Clients connect to the database');

const rules: readonly ProposedRule[] = [
  {
    sources: nodes,
    destinations: nodes,
    ports: ports('20000-21000'),
    purposes: [
      purpose('subconnections', 'Sub-connections between nodes, during loads only'),
      purpose(
        'backup',
        '备份, in the night',
        `A document with a long name, ${'and a longer row of it, '.repeat(12)}row 2`,
      ),
    ],
  },
  {
    sources: [...many, ...many6],
    destinations: [...nodes.slice(0, 2), ...nodes6],
    ports: ports('8563'),
    purposes: [clients],
  },
  {
    sources: [nodes[0]!],
    destinations: [place('192.0.2.7', 'ftp-1')],
    ports: ports('21,30000-30099,30200,30300-30399,30500-30599,30700-30799,30900-30999,31100-31199,31300-31399'),
    purposes: [purpose('ftp', 'FTP, for IMPORT and EXPORT')],
  },
  {
    sources: nodes,
    destinations: [place('10.30.0.1', 'ldap-0'), place('ldap.example.com', 'ldap-1')],
    ports: ports('389,636'),
    purposes: [purpose('ldap', 'Nodes ask the directory')],
  },
  {
    sources: [place('laptop', 'laptop')],
    destinations: [place('fd00:10:10::11', 'exa-n11')],
    ports: ports('443'),
    purposes: [clients],
  },
];

export const sampleRequest: ChangeRequest = {
  origin,
  rules,
  notes: ['exasol/oracle is left out: no host or endpoint holds the role oracle-server'],
};

/** Words that mean something to a shell, a spreadsheet or a browser. */
export const awkwardRequest: ChangeRequest = {
  origin,
  rules: [
    {
      sources: [place('10.0.0.1', 'x')],
      destinations: [place('10.0.0.2', 'y')],
      ports: ports('80'),
      purposes: [
        purposeOf('a/b', `=Title, with "quotes"\n| \${a} %{b}`, 'error', [
          `it's "$(reboot)"\u001b \`id\` <b>| \${c} =x`,
        ]),
      ],
    },
  ],
  notes: [],
};
