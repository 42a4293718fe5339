import type { Check } from '../check';

const LOCAL = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/]|$)/;

/** Links lead somewhere and over https; a shop on this machine is for trying things out. */
export const links: Check = ({ targets, links: seen }) => [
  ...targets
    .filter((url) => !url.startsWith('https://'))
    .map((url, index) => ({
      severity: LOCAL.test(url) ? ('info' as const) : ('blocking' as const),
      message: LOCAL.test(url) ? 'a link leads to this machine' : 'a link does not go over https',
      path: `links[${index}]`,
    })),
  ...seen
    .filter(({ href }) => href.trim() === '' || href.trim() === '#')
    .map(() => ({ severity: 'blocking' as const, message: 'a link leads nowhere', path: 'html/a' })),
];
