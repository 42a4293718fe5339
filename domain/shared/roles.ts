import { ROLES, type Role } from './words';

/** What each role may do, by the roles it stands for. */
const IMPLIED: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ['viewer'],
  editor: ['editor', 'viewer'],
  approver: ['approver', 'viewer'],
  admin: ROLES,
};

/** Every role somebody with `roles` acts in. */
export const impliedRoles = (roles: readonly Role[]): ReadonlySet<Role> =>
  new Set(roles.flatMap((role) => IMPLIED[role]));

/** The roles of which one is enough to act as `role`, itself among them. */
export const rolesThatMayActAs = (role: Role): Role[] => ROLES.filter((held) => IMPLIED[held].includes(role));
