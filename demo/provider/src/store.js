// The storage of the OpenID provider library: in memory. Codes, and refresh tokens that rotate, can be used only once.
import Provider, { errors } from 'oidc-provider';
import { reuseRules } from './profiles.js';

const now = () => Math.floor(Date.now() / 1000);

/**
 * `clients(id)` returns the metadata of a client according to the current settings.
 */
export function createStore({ settings, clients }) {
  const records = new Map();
  const uids = new Map();

  const each = (model, visit) => {
    for (const [key, record] of records) if (key.startsWith(`${model}:`)) visit(record, key);
  };
  const removeAll = (model) => each(model, (_record, key) => records.delete(key));
  // The tests move the clock of the provider.
  const shifted = () => now() + settings.clockShiftSeconds;
  const isIdleTooLong = ({ usedAt }) => shifted() - usedAt >= settings.sessionTtl;
  const isTooOld = ({ startedAt }) => shifted() - startedAt >= settings.sessionAbsoluteTtl;
  const withinGrace = (record) => now() - record.consumed < reuseRules(settings).grace;

  function revokeGrant(grantId) {
    for (const [key, record] of records) if (record.grantId === grantId) records.delete(key);
    records.delete(`Grant:${grantId}`);
  }

  class Adapter {
    constructor(model) { this.model = model; }

    key(id) { return `${this.model}:${id}`; }

    async upsert(id, payload) {
      const record = { ...payload };
      if (this.model === 'Session') {
        uids.set(payload.uid, id);
        // A session belongs to the host that created it, even if its cookie is sent to another host.
        const before = records.get(this.key(id));
        record.boundTo = Provider.ctx?.host ?? before?.boundTo;
        record.usedAt = shifted();
        record.startedAt = before && before.loginTs === record.loginTs ? before.startedAt : record.usedAt;
      }
      records.set(this.key(id), record);
    }

    async find(id) {
      if (this.model === 'Client') return clients(id);
      const record = records.get(this.key(id));
      if (this.model === 'Session' && record && (isIdleTooLong(record) || isTooOld(record))) return undefined;
      if (this.model === 'Session' && record?.boundTo && Provider.ctx && Provider.ctx.host !== record.boundTo) return undefined;
      if (this.model !== 'RefreshToken' || !record?.consumed) return record && { ...record };
      if (withinGrace(record)) return { ...record, consumed: undefined };
      return reuseRules(settings).endsFamily ? { ...record } : undefined;
    }

    async findByUid(uid) {
      const record = records.get(this.key(uids.get(uid)));
      return record && { ...record };
    }

    async findByUserCode() { return undefined; }

    async destroy(id) { records.delete(this.key(id)); }

    async consume(id) {
      const record = records.get(this.key(id));
      if (!record) throw new errors.InvalidGrant('the grant was revoked meanwhile');
      if (!record.consumed) record.consumed = now();
      else if (this.model !== 'RefreshToken' || !withinGrace(record)) {
        // Two requests found the record unused at the same time. This is the second one.
        if (this.model !== 'RefreshToken' || reuseRules(settings).endsFamily) revokeGrant(record.grantId);
        throw new errors.InvalidGrant('already used');
      }
    }

    async revokeByGrantId(grantId) { revokeGrant(grantId); }
  }

  /** When a user last authenticated, in seconds, at any session that still exists. */
  function lastLogin(accountId) {
    let last = 0;
    each('Session', (record) => { if (record.accountId === accountId) last = Math.max(last, record.loginTs ?? 0); });
    return last;
  }

  return {
    lastLogin,
    Adapter,
    revokeGrant,
    removeAccessTokens: () => removeAll('AccessToken'),
    removeRefreshTokens: () => removeAll('RefreshToken'),
    removeSessions: () => removeAll('Session'),
    clear() { records.clear(); uids.clear(); },
  };
}
