import test from 'ava';
import { matchesFlow, matchesMember } from '#src/model/selector.js';

test('a flow is named by its id alone or with its scenario', (t) => {
  t.true(matchesFlow('client', 'exasol', 'client'));
  t.true(matchesFlow('exasol/client', 'exasol', 'client'));
  t.false(matchesFlow('second-site/client', 'exasol', 'client'));
  t.false(matchesFlow('exasol', 'exasol', 'client'));
  t.false(matchesFlow('exasol/ldap', 'exasol', 'client'));
});

test('a member is named by its name or by any of its roles', (t) => {
  const member = { name: 'app-1', roles: ['exasol-client', 'om-user'] };
  t.true(matchesMember('app-1', member));
  t.true(matchesMember('om-user', member));
  t.false(matchesMember('app-2', member));
  t.false(matchesMember('app', member));
});
