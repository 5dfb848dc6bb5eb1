// The tenants and the users. Tests and users can rely on the first ones; others come by signing up.
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

const tenantOf = (tenant) => ({ ...tenant, id: stableId(`tenant:${tenant.name}`) });

export const TENANTS = [
  { name: 'acme', displayName: 'Acme' },
  { name: 'globex', displayName: 'Globex' },
  { name: 'initech', displayName: 'Initech', customDomainName: 'login.initech.localhost' },
].map(tenantOf);

const role = (name, displayName) => ({
  id: stableId(`role:${name}`), name: `app:${APPLICATION_NAME}:${name}`, displayName,
});
const OWNER = role('owner', 'Owner');
const VIEWER = role('viewer', 'Viewer');

function user(email, password, given, family, roles, more) {
  const tenant = TENANTS.find(({ name }) => email.endsWith(`@${name}.example`));
  return userOf({ tenant, email, password, given, family, roles, more });
}

function userOf({ tenant, email, password, given, family, roles, more }) {
  const [nickname] = email.split('@');
  return {
    id: stableId(`user:${email}`),
    email,
    password,
    tenant: tenant.name,
    tenantId: tenant.id,
    claims: {
      name: `${given} ${family}`,
      given_name: given,
      family_name: family,
      middle_name: null,
      nickname,
      preferred_username: `${given} ${family}`,
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
      ...more,
      roles,
      custom_claims: { department: `${tenant.name}-billing`, cost_center: null },
    },
  };
}

export const USERS = [
  user('ada@acme.example', 'lovelace', 'Ada', 'Lovelace', [OWNER], {
    middle_name: 'King', gender: 'female', birthdate: '1815-12-10',
    phone_number: '+442079460001', phone_number_verified: true,
  }),
  user('grace@acme.example', 'hopper', 'Grace', 'Hopper', [VIEWER], {
    gender: 'female', birthdate: '1906-12-09', zoneinfo: 'America/New_York', locale: 'en-US',
  }),
  user('hank@globex.example', 'scorpio', 'Hank', 'Scorpio', [OWNER], { locale: 'en-US' }),
  user('bill@initech.example', 'lumbergh', 'Bill', 'Lumbergh', [OWNER], { locale: 'en-US' }),
];

export const findUser = (id) => USERS.find((candidate) => candidate.id === id);

/** Finds a user by e-mail address; if a tenant name is given, only among that tenant's users. */
export function findUserByEmail(email, tenantName) {
  const wanted = String(email ?? '').trim().toLowerCase();
  return USERS.find((candidate) => candidate.email === wanted
    && (tenantName === undefined || candidate.tenant === tenantName));
}

export const findTenant = (name) => TENANTS.find((tenant) => tenant.name === String(name ?? '').trim().toLowerCase());

export const usersOf = (tenantName) => USERS.filter((candidate) => tenantName === undefined || candidate.tenant === tenantName);

const [TENANTS_AT_START, USERS_AT_START] = [TENANTS.length, USERS.length];

/** Adds a tenant and its first user. */
export function signUp({ tenantName, email, password }) {
  const tenant = tenantOf({ name: tenantName, displayName: tenantName[0].toUpperCase() + tenantName.slice(1) });
  const added = userOf({ tenant, email, password, given: 'New', family: 'User', roles: [OWNER], more: {} });
  TENANTS.push(tenant);
  USERS.push(added);
  return added;
}

/** Removes what came by signing up. */
export function forgetSignUps() {
  TENANTS.length = TENANTS_AT_START;
  USERS.length = USERS_AT_START;
}
