// The requests that the provider received.
import http from 'node:http';

const AUTHORIZE = ['/api/v1/oauth2/authorize', '/auth'];

export class ProviderLog {
  constructor(provider, { plain }) {
    this.control = provider.control;
    this.provider = provider;
    this.tokenPath = plain ? '/token' : '/api/v1/oauth2/token';
  }

  /** Requests to an endpoint, preflights excepted. */
  requests(endpoint) {
    return this.control.log().filter((request) => request.endpoint === endpoint && request.method !== 'OPTIONS');
  }

  tokenRequests(grant) {
    return this.requests('token').filter(({ form }) => grant === undefined || form?.grant_type === grant);
  }

  /** The authorization requests; what follows the login page is the same request. */
  authorizeRequests() {
    return this.requests('authorize').filter(({ path }) => AUTHORIZE.includes(path));
  }

  preflights(endpoint) {
    return this.control.log().filter((request) => request.endpoint === endpoint && request.method === 'OPTIONS');
  }

  lastRefreshToken() {
    return this.control.issued().refreshTokens.at(-1);
  }

  /** What must never be stored: everything that was issued. */
  secrets() {
    const { accessTokens, refreshTokens, idTokens, codes } = this.control.issued();
    return [...accessTokens, ...refreshTokens, ...idTokens, ...codes];
  }

  /** Tries a refresh token, and returns the provider's response. This uses the token up. */
  tryRefreshToken(token, clientId = this.provider.clientId) {
    const { host } = new URL(this.provider.issuer);
    return post({ port: this.provider.port, host, path: this.tokenPath }, {
      grant_type: 'refresh_token', refresh_token: token, client_id: clientId,
    });
  }
}

/** Sends a form. The host is a number, because not every machine resolves the subdomains of localhost. */
function post({ port, host, path }, form) {
  return new Promise((resolve, reject) => {
    const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
    const request = http.request({ host: '127.0.0.1', port, path, method: 'POST', headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, ...JSON.parse(text) });
    });
    request.on('error', reject);
    request.end(new URLSearchParams(form).toString());
  });
}
