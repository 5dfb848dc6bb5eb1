// The tenants and the users: those of a file, or the ones below, which tests and users can rely on. Others come by signing up.
import { createHash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** A stable identifier of 26 lower-case characters, the format that Wristband uses. */
export function stableId(seed) {
  const digest = createHash('sha256').update(seed).digest();
  return Array.from(digest.subarray(0, 26), (byte) => ALPHABET[byte % 32]).join('');
}

export const DEFAULT_CLIENT_ID = 'demospaclient0000000000001';
export const APPLICATION_NAME = 'invotastic';
export const APPLICATION_ID = stableId('application:invotastic');

const TENANTS = [
  { name: 'acme', displayName: 'Acme' },
  { name: 'globex', displayName: 'Globex' },
  { name: 'initech', displayName: 'Initech', customDomainName: 'login.initech.localhost' },
];

const USERS = [
  {
    email: 'ada@acme.example', password: 'lovelace', tenant: 'acme', givenName: 'Ada', familyName: 'Lovelace', roles: ['owner'],
    claims: { middle_name: 'King', gender: 'female', birthdate: '1815-12-10', phone_number: '+442079460001', phone_number_verified: true },
  },
  {
    email: 'grace@acme.example', password: 'hopper', tenant: 'acme', givenName: 'Grace', familyName: 'Hopper', roles: ['viewer'],
    claims: { gender: 'female', birthdate: '1906-12-09', zoneinfo: 'America/New_York', locale: 'en-US' },
  },
  { email: 'hank@globex.example', password: 'scorpio', tenant: 'globex', givenName: 'Hank', familyName: 'Scorpio', roles: ['owner'], claims: { locale: 'en-US' } },
  { email: 'bill@initech.example', password: 'lumbergh', tenant: 'initech', givenName: 'Bill', familyName: 'Lumbergh', roles: ['owner'], claims: { locale: 'en-US' } },
];

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const capitalized = (name) => name[0].toUpperCase() + name.slice(1);

const roleOf = (name) => ({ id: stableId(`role:${name}`), name: `app:${APPLICATION_NAME}:${name}`, displayName: capitalized(name) });
const tenantOf = ({ name, displayName = capitalized(name), customDomainName }) => ({
  name, displayName, ...(customDomainName && { customDomainName }), id: stableId(`tenant:${name}`),
});

function userOf({ email, password, givenName = 'New', familyName = 'User', roles = [], claims, customClaims }, tenant) {
  const [nickname] = email.split('@');
  return {
    id: stableId(`user:${email}`),
    email,
    password,
    tenant: tenant.name,
    tenantId: tenant.id,
    claims: {
      name: `${givenName} ${familyName}`,
      given_name: givenName,
      family_name: familyName,
      middle_name: null,
      nickname,
      preferred_username: `${givenName} ${familyName}`,
      picture: null,
      gender: null,
      birthdate: null,
      zoneinfo: 'Europe/London',
      locale: 'en-GB',
      updated_at: 1_735_689_600,
      email,
      email_verified: true,
      phone_number: null,
      phone_number_verified: false,
      ...claims,
      roles: roles.map(roleOf),
      custom_claims: customClaims ?? { department: `${tenant.name}-billing`, cost_center: null },
    },
  };
}

const isText = (value) => typeof value === 'string' && value !== '';

/** @throws TypeError for tenants and users that cannot be meant. */
function check(tenants, users) {
  const is = (valid, problem) => { if (!valid) throw new TypeError(problem); };
  is(Array.isArray(users) && users.length > 0, 'The "users" must be a list with at least one user.');
  is(Array.isArray(tenants) && tenants.length > 0, 'The "tenants" must be a list with at least one tenant.');
  for (const { name } of tenants) is(isText(name) && NAME.test(name), `A tenant has no name of small letters, digits and hyphens: ${JSON.stringify(name)}.`);
  for (const { email, password, tenant } of users) {
    is(isText(email) && email === email.trim().toLowerCase(), `A user has no email address in small letters: ${JSON.stringify(email)}.`);
    is(isText(password), `The user ${email} has no password.`);
    is(tenants.some(({ name }) => name === tenant), `The user ${email} is of no tenant in the list: ${JSON.stringify(tenant)}.`);
    is(users.filter((other) => other.email === email).length === 1, `Two users have the email address ${email}.`);
  }
}

/**
 * The tenants and the users of one provider. If only `users` are given, the tenants are those that they name.
 *
 * @throws TypeError if they are not valid.
 */
export function createDirectory({ users: givenUsers, tenants: givenTenants } = { users: USERS, tenants: TENANTS }) {
  const named = () => [...new Set(givenUsers?.map?.(({ tenant }) => tenant))].map((name) => ({ name }));
  const wanted = givenTenants ?? named();
  check(wanted, givenUsers);
  const tenants = wanted.map(tenantOf);
  const findTenant = (name) => tenants.find((tenant) => tenant.name === String(name ?? '').trim().toLowerCase());
  const users = givenUsers.map((user) => userOf(user, findTenant(user.tenant)));
  const [tenantsAtStart, usersAtStart] = [tenants.length, users.length];

  return {
    tenants,
    users,
    findTenant,
    findUser: (id) => users.find((candidate) => candidate.id === id),
    /** Finds a user by e-mail address; if a tenant name is given, only among that tenant's users. */
    findUserByEmail(email, tenantName) {
      const wanted = String(email ?? '').trim().toLowerCase();
      return users.find((candidate) => candidate.email === wanted && (tenantName === undefined || candidate.tenant === tenantName));
    },
    usersOf: (tenantName) => users.filter((candidate) => tenantName === undefined || candidate.tenant === tenantName),
    /** Adds a tenant and its first user. */
    signUp({ tenantName, email, password }) {
      const tenant = tenantOf({ name: tenantName });
      const added = userOf({ email, password, roles: ['owner'] }, tenant);
      tenants.push(tenant);
      users.push(added);
      return added;
    },
    /** Removes what came by signing up. */
    forgetSignUps() {
      tenants.length = tenantsAtStart;
      users.length = usersAtStart;
    },
  };
}
