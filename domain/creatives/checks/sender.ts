import type { Check } from '../check';

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export const sender: Check = ({ sender: { name, address } }) => [
  ...(name.trim() === ''
    ? [{ severity: 'blocking' as const, message: 'the sender has no name', path: 'brand/sender/name' }]
    : []),
  ...(ADDRESS.test(address)
    ? []
    : [
        {
          severity: 'blocking' as const,
          message: 'the sender has no usable address',
          path: 'brand/sender/address',
        },
      ]),
];
