import { BlockList, isIP } from 'node:net';

/** https://www.iana.org/assignments/iana-ipv4-special-registry: what is not globally reachable, and multicast. */
const NOT_PUBLIC_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
/** Global unicast, without the parts of it that carry an IPv4 address, are for documentation or for protocols. */
const GLOBAL_V6 = ['2000::/3'];
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** Metadata of instances and credentials of containers; no setting opens these. */
const NEVER = ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32'];

const notPublic = listOf([...NOT_PUBLIC_V4, ...NOT_PUBLIC_V6]);
const globalV6 = listOf(GLOBAL_V6);
const never = listOf(NEVER);

/** Whether an address belongs to the internet at large. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  // An address with a zone (fe80::1%eth0) is one of a link.
  if (family === 0 || address.includes('%') || holds(notPublic, address)) return false;
  return family === 4 || holds(globalV6, address);
}

/**
 * Decides which addresses of which hosts may be called: public ones, and what the installation allows beyond
 * (names, addresses, CIDRs).
 */
export function makeAddressRule(allowed: readonly string[]): (host: string, address: string) => boolean {
  const isRange = (entry: string) => entry.includes('/') || isIP(entry) !== 0;
  const ranges = listOf(allowed.filter(isRange));
  const names = new Set(allowed.filter((entry) => !isRange(entry)).map((name) => name.toLowerCase()));
  return (host, address) => {
    if (isIP(address) === 0 || address.includes('%') || holds(never, address)) return false;
    return isPublicAddress(address) || names.has(host.toLowerCase()) || holds(ranges, address);
  };
}

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  return list;
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
