// The control API: what tests and users change while the provider runs. The HTTP API is a thin layer over the object.
import { patchSettings } from './settings.js';

/** The control API as an object, for tests in the same process. */
export function createControl({ settings, initialSettings, faults, records, keys, store, tokens, profiles, proofs, dpop, par, landing, directory, appSettings }) {
  return {
    appSettings: () => structuredClone(appSettings),
    settings: () => structuredClone(settings),
    patchSettings: (patch) => structuredClone(patchSettings(settings, patch)),
    addFault: (fault) => faults.add(fault),
    faults: () => faults.list(),
    clearFaults: () => faults.clear(),
    rotateKeys: (options) => keys.rotate(options ?? {}),
    /** The API and the userinfo endpoint refuse the access tokens that were issued until now, as if their time were over. */
    expireAccessTokens() {
      tokens.expireAccessTokens();
      store.removeAccessTokens();
    },
    /** The provider and the API refuse the DPoP nonces that were issued until now. */
    rotateDpopNonces: () => proofs.forEach((each) => each.rotateNonces()),
    revokeAll: () => store.removeRefreshTokens(),
    endSessions: () => store.removeSessions(),
    log: () => records.requests(),
    clearLog: () => records.clearRequests(),
    issued: () => records.issued(),
    landing: (email) => landing(email),
    users: () => directory.users.map(({ id, email, password, tenant, claims }) => ({ id, email, password, tenant, roles: claims.roles })),
    reset() {
      Object.assign(settings, structuredClone(initialSettings));
      directory.forgetSignUps();
      faults.clear();
      store.clear();
      tokens.clear();
      profiles.clear();
      for (const each of [...proofs, dpop, par]) each.clear();
      keys.reset();
      records.clearRequests();
      records.clearIssued();
    },
  };
}

const ROUTES = {
  'GET app-settings': (control) => control.appSettings(),
  'GET settings': (control) => control.settings(),
  'PATCH settings': (control, body) => control.patchSettings(body),
  'GET faults': (control) => control.faults(),
  'POST faults': (control, body) => control.addFault(body),
  'DELETE faults': (control) => control.clearFaults(),
  'POST rotate-keys': (control, body) => control.rotateKeys(body),
  'POST expire-access-tokens': (control) => control.expireAccessTokens(),
  'POST rotate-dpop-nonces': (control) => control.rotateDpopNonces(),
  'POST revoke-all': (control) => control.revokeAll(),
  'POST end-sessions': (control) => control.endSessions(),
  'GET log': (control) => control.log(),
  'DELETE log': (control) => control.clearLog(),
  'GET issued': (control) => control.issued(),
  'POST landing': async (control, body) => ({ url: await control.landing(body) }),
  'GET users': (control) => control.users(),
  'POST reset': (control) => control.reset(),
};

/** Only pages on this machine may read or use the control API from a browser. */
function allowLocalPages(ctx) {
  const origin = ctx.get('Origin');
  if (!origin) return true;
  const { hostname } = URL.canParse(origin) ? new URL(origin) : {};
  const local = hostname === 'localhost' || hostname === '127.0.0.1' || hostname?.endsWith('.localhost');
  if (local) {
    ctx.set({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Methods': 'GET, POST, PATCH, DELETE',
      'Access-Control-Allow-Headers': 'content-type',
      Vary: 'Origin',
    });
  }
  return local;
}

export async function handleControl(ctx, control) {
  ctx.set('Cache-Control', 'no-store');
  if (!allowLocalPages(ctx)) ctx.throw(403, 'Only local pages may use the control API.');
  if (ctx.method === 'OPTIONS') {
    ctx.status = 204;
    return;
  }
  const route = ROUTES[`${ctx.method} ${ctx.path.slice('/__control/'.length)}`];
  if (!route) {
    ctx.status = 404;
    ctx.body = { error: `There is no ${ctx.method} ${ctx.path}.` };
    return;
  }
  try {
    ctx.body = (await route(control, ctx.state.json)) ?? { ok: true };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    ctx.status = 400;
    ctx.body = { error: error.message };
  }
}
