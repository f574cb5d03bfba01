import type { PortHolder } from './listening.js';

/** `mysqld (pid 812, user mysql, mariadb.service)`, `a connection to 10.0.0.7:443 of curl (pid 9, user ops)`. */
export function holderText(holder: PortHolder): string {
  const { command, kind, otherNamespace, peer, pid, process, uid, unit, user } = holder;
  const whose = [
    ...(pid === undefined ? [] : [`pid ${pid}`]),
    `user ${user ?? uid}`,
    ...(unit === undefined ? [] : [unit]),
    ...(otherNamespace ? ['in another network namespace'] : []),
  ].join(', ');
  const who = `${process ?? 'a process that only root may see'} (${whose})`;
  if (kind === 'client') return `a connection to ${peer} of ${who}`;
  const inside = mappedTo(command);
  return inside === undefined ? who : `${who}, which maps it into another network namespace, to ${inside}`;
}

/** Where docker-proxy leads, by its own arguments: `-container-ip 172.17.0.2 -container-port 80`. */
function mappedTo(command: string | undefined): string | undefined {
  const ip = /-container-ip[= ](\S+)/.exec(command ?? '')?.[1];
  const port = /-container-port[= ](\d+)/.exec(command ?? '')?.[1];
  if (ip === undefined || port === undefined) return undefined;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** `10.0.0.2:8563`, `[fd00::2]:8563`. */
export function holderAddress({ address, port }: Pick<PortHolder, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
