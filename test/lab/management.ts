import { execa } from 'execa';
import { ipv6Of } from './ipv6.js';
import type { Machine } from './machine.js';

/** The network by which the test process logs in to the hosts; no data goes over it. */
export interface Management {
  address(index: number): string;
  /** Connects the hosts, the k-th with the k-th address, as interface `management`. */
  attach(machines: readonly Machine[]): Promise<void>;
  /** Takes the test process's own end of it down, and with it the login network of all hosts. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  remove(): Promise<void>;
}

const mostLabs = 250;

/**
 * A bridge in the test process's own namespace. Test files run at the same time: the kernel refuses a name that is
 * taken, which shares the numbers out among them.
 */
export async function buildManagement(ipv6 = false): Promise<Management> {
  for (let number = 1; number <= mostLabs; number += 1) {
    const bridge = `lab${number}`;
    const { exitCode, stderr } = await execa('ip', ['link', 'add', bridge, 'type', 'bridge'], { reject: false });
    if (exitCode === 0) return connect(bridge, `192.168.${number}`, ipv6);
    if (!/File exists/.test(stderr)) throw new Error(`the lab's management network: ${stderr}`);
  }
  throw new Error(`more than ${mostLabs} labs in this namespace: close those no longer needed`);
}

async function connect(bridge: string, prefix: string, ipv6: boolean): Promise<Management> {
  const addresses = (last: number, device: string) => [
    `addr add ${prefix}.${last}/24 dev ${device}`,
    ...(ipv6 ? [`addr add ${ipv6Of(`${prefix}.${last}`)}/64 dev ${device} nodad`] : []),
  ];
  await batch([...addresses(1, bridge), `link set ${bridge} up`]);
  let cables = 0;
  return {
    address: (index) => `${prefix}.${index + 11}`,
    attach: async (machines) => {
      cables = machines.length;
      await batch(
        machines.flatMap(({ pid }, index) => [
          `link add ${bridge}h${index} type veth peer name management netns ${pid}`,
          `link set ${bridge}h${index} master ${bridge} up`,
        ]),
      );
      await Promise.all(
        machines.map((machine, index) =>
          machine.ip([...addresses(index + 11, 'management'), 'link set management up']),
        ),
      );
    },
    unplug: () => batch([`link set ${bridge} down`]),
    // An IPv6 address goes with the link.
    plug: () =>
      batch([`link set ${bridge} up`, ...addresses(1, bridge).map((each) => each.replace(' add ', ' replace '))]),
    remove: async () => {
      // The kernel takes its time with the cables of a namespace that ended; the next lab of this number must not meet
      // them, so the bridge, which holds the number, goes last.
      const links = [...Array.from({ length: cables }, (_, index) => `${bridge}h${index}`), bridge];
      const input = links.map((link) => `link del ${link}\n`).join('');
      await execa('ip', ['-force', '-batch', '-'], { input, reject: false });
    },
  };
}

async function batch(commands: readonly string[]): Promise<void> {
  await execa('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n` });
}
