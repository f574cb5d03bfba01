// How a Linux kernel prints addresses in /proc/net.

/** The bytes of hexadecimal machine words, in the order of the network. */
export function kernelWords(hex: string, littleEndian: boolean): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  return littleEndian && bytes.length % 4 === 0 ? bytes.swap32() : bytes;
}

/** The address in a row of `/proc/net/tcp` or `tcp6`; undefined where it is none. */
export function kernelAddress(hex: string, littleEndian: boolean): string | undefined {
  const bytes = kernelWords(hex, littleEndian);
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes);
}

/** The canonical text of RFC 5952; an IPv4-mapped address as IPv4, which is how it listens and answers. */
export function ipv6Text(bytes: Buffer): string | undefined {
  if (bytes.length !== 16) return undefined;
  if (bytes.subarray(0, 12).equals(mappedPrefix)) return bytes.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.start === -1) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}

const mappedPrefix = Buffer.from('00000000000000000000ffff', 'hex');
