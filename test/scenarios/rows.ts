import { type Demand, DemandTable, type Place, type Roles } from './demand.js';

/**
 * What the four vendor documents say, as a table of facts that was transcribed by itself, not from the scenarios.
 * Numbers are those of the project's traceability list: 1 to 88, and R1 to R6 for what is said beside the tables.
 * A place is `document|section|row`, as docs/scenarios.md has it; blank cells of a table repeat the one above.
 */

const ocp = ['oceanbase-ocp'];
const single = ['finedatalink-single'];
const cluster = ['finedatalink-cluster'];
const exasol = ['exasol'];

function rows(document: string, section: string, count: number, scenarios: readonly string[], unit = 'row'): Place[] {
  return Array.from({ length: count }, (_, i) => ({ place: `${document}|${section}|${unit} ${i + 1}`, scenarios }));
}

function sentence(document: string, section: string, scenarios: readonly string[]): Place {
  return { place: `${document}|${section}|text`, scenarios };
}

/** Every row, note and sentence of the four documents that says something about a port. */
export const places: readonly Place[] = [
  ...rows('OCP port planning', 'Port planning', 3, ocp),
  sentence('OCP port planning', 'Port planning', ocp),
  ...rows('OCP listening ports', 'Deployment units', 7, ocp),
  ...rows('OCP listening ports', 'Listening port list', 10, ocp),
  sentence('OCP listening ports', 'OCP Docker', ocp),
  sentence('FineOps ports', 'Port Occupancy', [...single, ...cluster]),
  ...rows('FineOps ports', 'A Single FineDataLink Application', 7, single),
  ...rows('FineOps ports', 'A Single FineDataLink Application', 2, single, 'table 2 row'),
  ...rows('FineOps ports', 'A Single FineDataLink Application', 2, single, 'note'),
  ...rows('FineOps ports', 'Multiple FineDataLink Applications', 19, cluster),
  ...rows('FineOps ports', 'Multiple FineDataLink Applications', 2, cluster, 'table 2 row'),
  ...rows('FineOps ports', 'Multiple FineDataLink Applications', 4, cluster, 'note'),
  ...rows('FineOps ports', 'Extranet and O&M Project', 3, [...single, ...cluster]),
  sentence('FineOps ports', 'O&M Project', [...single, ...cluster]),
  ...rows('FineOps ports', 'FineOps and O&M Project', 5, [...single, ...cluster]),
  ...rows('Exasol ports', 'Incoming Connections', 2, exasol),
  ...rows('Exasol ports', 'Outgoing Connections', 16, exasol),
  ...rows('Exasol ports', 'Notes', 2, exasol, 'note'),
];

const planning = new DemandTable('OCP port planning', ocp)
  .occupancy(1, 'Port planning|row 1', 'metadb', '2881')
  .occupancy(1, 'Port planning|text', 'metadb', '2881')
  .flow(1, 'Port planning|row 1', 'ocp-server', 'metadb', '2881')
  .occupancy(2, 'Port planning|row 2', 'metadb', '2882')
  .occupancy(2, 'Port planning|text', 'metadb', '2882')
  .flow(2, 'Port planning|row 2', 'metadb', 'metadb', '2882')
  .occupancy(3, 'Port planning|row 3', 'ocp-server', '8080')
  .occupancy(3, 'Port planning|text', 'ocp-server', '8080')
  .flow(3, 'Port planning|row 3', 'obproxy', 'ocp-server', '8080')
  .flow(8, 'Port planning|row 3', ['observer', 'obproxy', 'ocp-console', 'backup-agent'], 'ocp-vip', '8080')
  .rule('R1', ['Port planning|row 1', 'Port planning|row 2'], 'fixed-ports', 'metadb', '2881,2882');

const list1 = (row: number) => `Listening port list|row ${row}`;
const unit = (row: number) => `Deployment units|row ${row}`;
const listening = new DemandTable('OCP listening ports', ocp)
  .flow(4, [list1(1), unit(1)], 'observer', 'ocp-server', '8080')
  .flow(5, list1(1), 'obproxy', 'ocp-server', '8080')
  .flow(6, [list1(1), unit(2)], 'ocp-console', 'ocp-server', '8080')
  .flow(7, list1(1), 'backup-agent', 'ocp-server', '8080')
  .flow(8, list1(1), ['observer', 'obproxy', 'ocp-console', 'backup-agent'], 'ocp-vip', '8080')
  .flow(9, list1(2), 'ocp-server', 'ocp-server', '62881-63881', 'reachable')
  .condition(9, list1(2), 'version')
  .flow(10, [list1(3), unit(5)], 'obproxy', 'observer', '2881')
  .flow(11, list1(3), 'ocp-server', ['observer'], '2881')
  .flow(11, list1(3), 'ocp-server', ['metadb'], '2881')
  .flow(11, 'OCP Docker|text', 'ocp-server', 'observer', '2881')
  .flow(12, [list1(3), unit(7)], 'application', 'observer', '2881')
  .flow(13, [list1(4), unit(4)], 'observer', 'observer', '2882')
  .flow(13, list1(4), 'metadb', 'metadb', '2882')
  .flow(14, list1(5), 'application', 'obproxy', '2883')
  .flow(15, list1(5), 'ocp-server', 'obproxy', '2883')
  .flow(16, list1(5), 'backup-agent', 'obproxy', '2883')
  .flow(17, list1(6), 'ocp-server', 'obproxy', '2884')
  .flow(18, [list1(7), unit(3)], 'ocp-server', 'ocp-agent', '62888')
  .flow(18, list1(7), 'ocp-server', 'ocp-agent', '62888', 'reachable')
  .condition(18, list1(7), 'onboarded')
  .flow(19, list1(8), 'ocp-server', 'ocp-agent', '62881-62887,62889-62999,63001-63881')
  .flow(19, list1(8), 'ocp-server', 'ocp-agent', '62881-63881', 'reachable')
  .condition(19, list1(8), 'onboarded')
  .flow(20, [list1(9), unit(6)], '*', 'backup-agent', '2911', 'closed')
  .flow(20, list1(9), 'backup-agent', 'backup-agent', '2911')
  .flow(21, [list1(10), unit(6)], '*', 'backup-agent', '2912', 'closed')
  .flow(21, list1(10), 'backup-agent', 'backup-agent', '2912')
  .flow(22, 'OCP Docker|text', '*', 'ocp-server', '2883,2884', 'closed')
  .flow(23, 'OCP Docker|text', 'ocp-server', 'ocp-server', '8080')
  .flow(24, ['OCP Docker|text', list1(5)], 'ocp-server', 'ocp-server', '2883')
  .rule(
    'R2',
    [2, 3, 4, 5, 6, 7, 8].map(list1),
    'fixed-ports',
    ['ocp-server', 'observer', 'obproxy', 'ocp-agent'],
    '2881-2884,62881-63881',
  )
  .occupancy('R3', list1(8), 'ocp-agent', '62881-62887,62889-62999,63001-63881')
  .occupancy('R4', [list1(9), list1(10)], 'backup-agent', '2911,2912');

const project = ['fdl-app', 'fdl-component', 'fdl-gateway'];

/** A row of the occupied ports: free before, interconnected after; with the sentences that say both of all of them. */
interface Occupied {
  readonly number: number;
  readonly row: number;
  readonly ports: string;
  readonly on: Roles;
  /** Where the path alone can be asked for before the component is in use. */
  readonly idle?: boolean;
}

const placedAnywhere = ['fdl-app', 'fdl-component'];
const singleRows: readonly Occupied[] = [
  { number: 25, row: 1, ports: '8068', on: 'fdl-app' },
  { number: 26, row: 2, ports: '15500', on: 'fdl-app', idle: true },
  { number: 27, row: 3, ports: '80', on: project },
  { number: 28, row: 4, ports: '3306', on: placedAnywhere },
  { number: 29, row: 5, ports: '9200', on: placedAnywhere },
  { number: 30, row: 6, ports: '9092', on: placedAnywhere },
  { number: 31, row: 7, ports: '9070', on: project },
];
const clusterRows: readonly Occupied[] = [
  { number: 32, row: 1, ports: '8080', on: 'fdl-app' },
  { number: 33, row: 2, ports: '7800', on: 'fdl-app' },
  { number: 34, row: 3, ports: '7830', on: 'fdl-app' },
  { number: 35, row: 4, ports: '7840', on: 'fdl-app' },
  { number: 36, row: 5, ports: '7850', on: 'fdl-app' },
  { number: 37, row: 6, ports: '7870', on: 'fdl-app' },
  { number: 38, row: 7, ports: '15500', on: 'fdl-app', idle: true },
  { number: 39, row: 8, ports: '9070', on: 'fdl-app' },
  { number: 40, row: 9, ports: '80', on: ['fdl-component', 'fdl-gateway'] },
  { number: 41, row: 10, ports: '9200', on: 'fdl-component' },
  { number: 42, row: 11, ports: '3306', on: 'fdl-component' },
  { number: 43, row: 12, ports: '6379', on: 'fdl-component' },
  { number: 44, row: 13, ports: '9000', on: 'fdl-component' },
  { number: 45, row: 14, ports: '9006', on: 'fdl-component' },
  { number: 46, row: 15, ports: '9092', on: 'fdl-component' },
  { number: 47, row: 16, ports: '8848', on: 'fdl-component' },
  { number: 48, row: 17, ports: '9848', on: 'fdl-component' },
  { number: 49, row: 18, ports: '3307', on: 'fdl-component' },
  { number: 50, row: 19, ports: '9070', on: ['fdl-component', 'fdl-gateway'] },
];

function occupied(scenarios: readonly string[], section: string, occupiedRows: readonly Occupied[]): Demand[] {
  const table = new DemandTable('FineOps ports', scenarios);
  for (const { number, row, ports, on, idle = false } of occupiedRows) {
    const place = `${section}|row ${row}`;
    table.occupancy(number, place, on, ports).occupancy(56, 'Port Occupancy|text', on, ports);
    table.flow(number, place, project, on, ports).flow(61, 'O&M Project|text', project, on, ports);
    if (idle) {
      table.flow(number, place, project, on, ports, 'reachable');
      table.flow(61, 'O&M Project|text', project, on, ports, 'reachable').condition(number, place, 'gpfdist');
    }
  }
  return table.demands;
}

const singlePorts = '80,3306,8068,9070,9092,9200,15500';
const appPorts = '7800,7830,7840,7850,7870,8080,9070,15500';
const componentPorts = '80,3306,3307,6379,8848,9000,9006,9092,9200,9848';
const aSingle = (at: string) => `A Single FineDataLink Application|${at}`;
const several = (at: string) => `Multiple FineDataLink Applications|${at}`;

const singleRules = new DemandTable('FineOps ports', single)
  .rule(51, [aSingle('table 2 row 1'), aSingle('row 3')], 'privileged-ports', project, singlePorts)
  .rule(52, aSingle('table 2 row 2'), 'browser-unsafe-ports', [...project, 'fineops'], '80,8068')
  .rule(52, aSingle('table 2 row 2'), 'browser-unsafe-ports', project, '3306,9070,9092,9200,15500')
  .rule(53, aSingle('note 2'), 'same-port-everywhere', project, '9070')
  .rule(57, ['Port Occupancy|text', aSingle('note 1')], 'distinct-ports', project, singlePorts);

const clusterRules = new DemandTable('FineOps ports', cluster)
  .rule(51, [several('table 2 row 1'), several('row 9')], 'privileged-ports', project, `${appPorts},${componentPorts}`)
  .rule(52, several('table 2 row 2'), 'browser-unsafe-ports', [...project, 'fineops'], '80,8080,9000,9006')
  .rule(
    52,
    several('table 2 row 2'),
    'browser-unsafe-ports',
    project,
    '3306,3307,6379,7800,7830,7840,7850,7870,8848,9070,9092,9200,9848,15500',
  )
  .rule(53, several('note 3'), 'same-port-everywhere', project, '9070')
  .rule(54, several('note 2'), 'consistent-ports', 'fdl-component', componentPorts)
  .rule(55, several('note 4'), 'reserved-port', 'fdl-app', '80')
  .occupancy(55, [several('note 4'), several('row 9'), 'Port Occupancy|text'], 'fdl-app', '80')
  .flow(55, [several('note 4'), several('row 9'), 'O&M Project|text'], project, 'fdl-app', '80')
  .condition(55, several('note 4'), 'gateway-dual')
  .rule(57, ['Port Occupancy|text', several('note 1')], 'distinct-ports', 'fdl-app', appPorts)
  .rule(
    57,
    ['Port Occupancy|text', several('note 1')],
    'distinct-ports',
    ['fdl-component', 'fdl-gateway'],
    `${componentPorts},9070`,
  );

// Components that an installation places by itself: the note that says so belongs to each of their flows.
for (const { ports, on, row } of clusterRows.slice(8, 18)) {
  clusterRules.flow(row + 31, several('note 2'), project, on, ports).occupancy(row + 31, several('note 2'), on, ports);
}

function networking(scenarios: readonly string[], app: string): Demand[] {
  const extranet = (row: number) => `Extranet and O&M Project|row ${row}`;
  const fineops = (row: number) => `FineOps and O&M Project|row ${row}`;
  return new DemandTable('FineOps ports', scenarios)
    .flow(58, extranet(1), 'om-user', 'fdl-gateway', '80')
    .flow(59, extranet(2), 'fdl-gateway', 'business-db', '3306')
    .flow(59, extranet(2), 'business-db', 'fdl-gateway', '80')
    .flow(59, extranet(2), 'fdl-app', 'business-db', '3306')
    .flow(59, extranet(2), 'business-db', 'fdl-app', '15500')
    .flow(60, extranet(3), 'fineops-registry', 'image-repository', '443')
    .condition(60, extranet(3), 'online')
    .flow(62, fineops(1), 'fdl-app', 'fineops', '80')
    .flow(62, fineops(1), 'fineops', 'fdl-app', app)
    .flow(63, fineops(2), project, 'fineops', '80')
    .flow(63, fineops(2), 'fineops', project, '9070')
    .flow(64, fineops(3), 'fdl-app', 'fineops-oap', '11800')
    .flow(65, fineops(3), 'fdl-app', 'fineops-oap', '12800')
    .flow(66, fineops(4), 'fdl-gateway', 'fineops-oap', '11800')
    .flow(67, fineops(4), 'fdl-gateway', 'fineops-oap', '12800')
    .condition(68, [fineops(3), fineops(4)], 'edition')
    .flow(69, fineops(5), 'fdl-app', 'fineops-registry', '5000')
    .flow(70, fineops(5), ['fdl-component', 'fdl-gateway'], 'fineops-registry', '5000').demands;
}

const incoming = (row: number) => `Incoming Connections|row ${row}`;
const outgoing = (row: number) => `Outgoing Connections|row ${row}`;
const changeable = 'Notes|note 1';
const furtherPorts = 'Notes|note 2';
const node = 'exasol-node';
const exasolTable = new DemandTable('Exasol ports', exasol)
  .flow(71, incoming(1), 'exasol-client', node, '8563')
  .flow(71, incoming(1), 'exasol-client', node, '8563', 'reachable')
  .condition(71, incoming(1), 'reserve')
  .flow(72, incoming(2), node, node, '20000-21000', 'reachable')
  .flow(72, incoming(2), 'exasol-remote', node, '20000-21000', 'reachable')
  .flow(73, outgoing(2), node, node, '20000-21000', 'reachable')
  .flow(73, outgoing(2), node, 'exasol-remote', '20000-21000', 'reachable')
  .flow(74, outgoing(1), node, 'exasol-client', '8563', 'reachable')
  .flow(74, outgoing(1), node, 'exasol-remote', '8563')
  .flow(75, outgoing(3), node, 'ftp-server', '20', 'reachable')
  .flow(76, outgoing(4), node, 'ftp-server', '21')
  .flow(77, outgoing(5), node, 'sftp-server', '22')
  .flow(78, outgoing(6), node, 'http-server', '80')
  .flow(79, outgoing(7), node, 'https-server', '443')
  .flow(80, outgoing(8), node, 'ftps-server', '990')
  .flow(81, outgoing(9), [node, 'exasol-management'], 'ldap-server', '389')
  .flow(82, outgoing(10), [node, 'exasol-management'], 'ldaps-server', '636')
  .flow(83, outgoing(11), node, 'oracle-server', '1521')
  .flow(84, outgoing(12), node, 'mssql-server', '1433')
  .flow(85, outgoing(13), node, 'mysql-server', '3306')
  .flow(86, outgoing(14), node, 'db2-server', '50000')
  .flow(87, outgoing(15), node, 'postgres-server', '5432')
  .flow(88, outgoing(16), node, 'sybase-server', '5000')
  .flow('R5', changeable, 'exasol-client', node, '8563')
  .flow('R5', changeable, node, 'oracle-server', '1521')
  .flow('R5', changeable, node, 'mssql-server', '1433')
  .flow('R5', changeable, node, 'mysql-server', '3306')
  .flow('R5', changeable, node, 'db2-server', '50000')
  .flow('R5', changeable, node, 'postgres-server', '5432')
  .flow('R5', changeable, node, 'sybase-server', '5000')
  .flow('R6', furtherPorts, node, 'ftp-server', '20', 'reachable')
  .flow('R6', furtherPorts, node, 'ftp-server', '21')
  .flow('R6', furtherPorts, node, 'ftps-server', '990')
  .flow(
    'R6',
    [furtherPorts, outgoing(3), outgoing(8)],
    node,
    ['ftp-server', 'ftps-server'],
    '49152-65535',
    'reachable',
  );

export const demands: readonly Demand[] = [
  ...planning.demands,
  ...listening.demands,
  ...occupied(single, 'A Single FineDataLink Application', singleRows),
  ...occupied(cluster, 'Multiple FineDataLink Applications', clusterRows),
  ...singleRules.demands,
  ...clusterRules.demands,
  ...networking(single, '8068'),
  ...networking(cluster, '8080'),
  ...exasolTable.demands,
];
