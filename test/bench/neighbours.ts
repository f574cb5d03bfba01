import { execa } from 'execa';
import type { LabHost } from '../lab/host.js';
import type { Lab } from '../lab/lab.js';

/**
 * Tells every host the others' hardware addresses. All namespaces share one neighbour table of 1,024 entries (arp(7),
 * gc_thresh3), which 30 hosts that look for each other come near to and 60 overflow: "no route to host", for all that
 * measure alike. Permanent entries are not counted. Nothing else is spared: no connect was waiting for an answer.
 */
export async function introduceNeighbours(lab: Lab): Promise<void> {
  const known = await Promise.all(
    lab.hosts.map(async (host) => {
      const { network } = host.interfaces[0]!;
      return { host, network, address: host.address(), hardware: await hardwareAddress(host, network) };
    }),
  );
  await Promise.all(
    known.map(({ host, network }) => {
      const others = known.filter((other) => other.host !== host);
      return host.machine.ip(
        others.map(
          ({ address, hardware }) => `neigh replace ${address} lladdr ${hardware} dev ${network} nud permanent`,
        ),
      );
    }),
  );
}

async function hardwareAddress({ machine, name }: LabHost, network: string): Promise<string> {
  const { stdout } = await execa('nsenter', [...machine.networkOnly, 'ip', '-o', 'link', 'show', 'dev', network]);
  const address = /link\/ether (\S+)/.exec(stdout)?.[1];
  if (address === undefined) throw new Error(`${name} has no hardware address on ${network}: ${stdout}`);
  return address;
}
