// The tenants and the users. They are fixed, so that tests and users can rely on them.
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

export const TENANTS = [
  { name: 'acme', displayName: 'Acme' },
  { name: 'globex', displayName: 'Globex' },
  { name: 'initech', displayName: 'Initech', customDomainName: 'login.initech.localhost' },
].map((tenant) => ({ ...tenant, id: stableId(`tenant:${tenant.name}`) }));

const role = (name, displayName) => ({
  id: stableId(`role:${name}`), name: `app:${APPLICATION_NAME}:${name}`, displayName,
});
const OWNER = role('owner', 'Owner');
const VIEWER = role('viewer', 'Viewer');

function user(email, password, given, family, roles, more) {
  const [nickname, domain] = email.split('@');
  const tenant = TENANTS.find(({ name }) => domain === `${name}.example`);
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
      custom_claims: { department: `${domain.split('.')[0]}-billing`, cost_center: null },
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
