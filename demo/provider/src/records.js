// What the provider records for tests: every request, and every secret that it issued.
import { describeProof } from './proofs.js';

const KINDS = ['codes', 'accessTokens', 'refreshTokens', 'idTokens', 'nonces', 'states', 'codeVerifiers'];

export function createRecords() {
  let requests = [];
  const issued = Object.fromEntries(KINDS.map((kind) => [kind, new Set()]));

  return {
    /** The entry is added when the request arrives, so that aborted requests are recorded too. */
    request(entry) {
      requests.push(entry);
      return entry;
    },
    requests: () => requests.map((entry) => ({ ...entry })),
    clearRequests() { requests = []; },
    note(kind, value) { if (value) issued[kind].add(value); },
    issued: () => Object.fromEntries(KINDS.map((kind) => [kind, [...issued[kind]]])),
    clearIssued() { for (const kind of KINDS) issued[kind].clear(); },
  };
}

/** The entry for one request; the status, the endpoint and the fault are filled in later. */
export function describeRequest({ method, path, host, headers, query, form }) {
  return {
    time: new Date().toISOString(),
    host,
    method,
    path,
    query,
    form,
    endpoint: null,
    origin: headers.origin ?? null,
    authorization: headers.authorization !== undefined,
    cookie: headers.cookie !== undefined,
    contentType: headers['content-type'] ?? null,
    ...(headers.dpop !== undefined && { dpop: describeProof(headers.dpop) }),
    status: null,
    fault: null,
  };
}
