import type { Host } from './inventory.js';

const sshPort = 22;

/** What an sshd is called where its connections are counted: the address and the port that are connected to. */
export function sshdName(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** The sshd that a host is logged in to, as far as the inventory says. */
export function sshdOf({ address, ssh }: Host): string {
  return sshdName(ssh.host ?? address, ssh.port ?? sshPort);
}
