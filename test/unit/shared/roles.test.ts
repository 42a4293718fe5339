import { impliedRoles, rolesThatMayActAs } from '../../../domain/shared/roles';
import { ROLES } from '../../../domain/shared/words';

test('both directions of the implication agree for every role', () => {
  for (const held of ROLES)
    for (const role of ROLES)
      expect([held, role, impliedRoles([held]).has(role)]).toEqual([
        held,
        role,
        rolesThatMayActAs(role).includes(held),
      ]);
  expect(rolesThatMayActAs('approver')).toEqual(['approver', 'admin']);
  expect(rolesThatMayActAs('admin')).toEqual(['admin']);
});
