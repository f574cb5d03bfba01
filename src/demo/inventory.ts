import { customs, documentedPorts, hostNames, hosts, type Layout, type MemberName, type PortName } from './layout.js';

export interface DemoLogin {
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly scenarioFile: string;
}

/** The site's inventory, as an operator would write it. */
export function inventoryOf(layout: Layout, { scenarioFile, ...ssh }: DemoLogin): object {
  const ports = (member: MemberName) => (layout.ownAddresses ? {} : { ports: portsOf(layout, member) });
  const shifted = layout.ownAddresses && layout.shift !== 0;
  return {
    defaults: { ssh: { user: ssh.user, identityFile: ssh.identityFile, knownHostsFile: ssh.knownHostsFile } },
    hosts: Object.fromEntries(
      hostNames.map((host) => [
        host,
        {
          address: layout.address(host),
          roles: hosts[host],
          ssh: { port: layout.sshPort(host) },
          ...ports(host),
        },
      ]),
    ),
    endpoints: { [customs]: { address: layout.address(customs), roles: ['customs'], ...ports(customs) } },
    scenarios: { harbour: { file: scenarioFile, ...(shifted ? { ports: portsOf(layout, 'office') } : {}) } },
    waivers: [{ flow: 'harbour/clearance', reason: 'Customs opens in spring' }],
  };
}

function portsOf(layout: Layout, member: MemberName): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    (Object.keys(documentedPorts) as PortName[]).map((name) => {
      const [first, last] = documentedPorts[name].map((port) => layout.port(member, port)) as [number, number];
      return [name, first === last ? first : `${first}-${last}`];
    }),
  );
}
