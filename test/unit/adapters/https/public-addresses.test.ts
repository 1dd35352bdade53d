import { describe, expect, it } from 'vitest';
import { isPublicAddress, makeAddressRule } from '../../../../adapters/https/public-addresses.ts';

const PRIVATE = [
  ...['0.0.0.0', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
  ...['172.31.255.255', '192.0.0.1', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.1'],
  ...['203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '::ffff:10.0.0.1'],
  ...['::ffff:8.8.8.8', '64:ff9b::a00:1', '2001::1', '2001:db8::1', '2002:a00:1::', '3fff::1', 'localhost'],
];

describe('isPublicAddress', () => {
  it.each(PRIVATE)('is false of %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'is true of %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('the rule of an installation', () => {
  const mayCall = makeAddressRule(['Hooks.internal', '10.1.0.0/16', 'fd12::/16', '192.168.7.7']);

  it.each([
    ['public', 'example.com', '8.8.8.8', true],
    ['named', 'hooks.INTERNAL', '10.9.9.9', true],
    ['in a range', 'x', '10.1.2.3', true],
    ['in a range of IPv6', 'x', 'fd12::1', true],
    ['listed itself', '192.168.7.7', '192.168.7.7', true],
    ['private', 'x', '10.2.0.1', false],
    ['below a name', 'a.hooks.internal', '10.9.9.9', false],
    ['no address', 'hooks.internal', 'hooks.internal', false],
  ])('lets a host be called whose address is %s, or not', (_, host, address, expected) => {
    expect(mayCall(host, address)).toBe(expected);
  });

  it.each(['169.254.169.254', '169.254.170.2', 'fd00:ec2::254', 'fe80::1', '::ffff:169.254.169.254'])(
    'never lets metadata be called: %s',
    (address) => {
      const open = makeAddressRule(['metadata', '0.0.0.0/0', '::/0', '169.254.169.254']);

      expect(open('metadata', address)).toBe(false);
    },
  );
});
