import { describe, expect, it } from 'vitest';
import { addressRule } from '../../src/outgoing/addresses.ts';

const everything = ['0.0.0.0/1', '128.0.0.0/1', '::/0'];

describe('addressRule', () => {
  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1'])('lets %s pass', (address) => {
    expect(addressRule([])(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    'fc00::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
  ])('lets %s pass only when it is listed', (address) => {
    expect(addressRule([])(address)).toBe(false);
    expect(addressRule(everything)(address)).toBe(true);
  });

  it.each([
    '169.254.169.254',
    '100.100.100.200',
    'fd00:ec2::254',
    'fe80::1%eth0',
    '0.0.0.0',
    '::',
    '255.255.255.255',
    '224.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    'not an address',
    '',
  ])('never lets %s pass', (address) => {
    expect(addressRule(everything)(address)).toBe(false);
  });

  it('takes single addresses and refuses what is none', () => {
    expect(addressRule(['10.0.0.5'])('10.0.0.5')).toBe(true);
    expect(addressRule(['10.0.0.5'])('10.0.0.6')).toBe(false);
    expect(() => addressRule(['crm.example'])).toThrow('crm.example is neither an address nor a CIDR range');
  });
});
