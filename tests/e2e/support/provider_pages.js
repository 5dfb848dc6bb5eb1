// The settings in the provider pages of the docs, as a test uses them: with its own addresses in the place of the examples.
import { readFile } from 'node:fs/promises';

const DOCS = new URL('../../../docs/providers/', import.meta.url);

/** The settings block of a page. */
export async function blockOf(page) {
  const text = await readFile(new URL(page, DOCS), 'utf8');
  const [, block] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  if (!block) throw new Error(`${page} has no settings.`);
  return JSON.parse(block);
}

/** The options that a page wants each login to have. */
async function loginOf(page) {
  const text = await readFile(new URL(page, DOCS), 'utf8');
  const [, prompt] = /Start each login with `auth\.login\(\{ prompt: "(\w+)" \}\)`/.exec(text) ?? [];
  return prompt ? { prompt } : {};
}

const originOf = (url) => new URL(url).origin;

/**
 * The settings for a provider that behaves like this one, and the audiences that its API then accepts. The issuer, the client and the
 * origin of the logout are the local provider's, and the API is its own.
 */
export async function settingsOf(name, { provider }) {
  const { apis = [], issuer, discoveryUrl, metadata, logoutUrl, scopes, ...rest } = await blockOf(`${name}.md`);
  const isTemplate = issuer.includes('{tenantid}');
  const entries = apis.length ? apis : [provider.api];
  // One API stands for all of them.
  const own = entries.map((api) => (typeof api === 'string' ? provider.api : { ...api, prefix: provider.api }));
  const settings = {
    ...rest,
    apis: [own.find((api) => typeof api === 'object') ?? own[0]],
    clientId: provider.clientId,
    issuer: isTemplate ? `${provider.issuer}/{tenantid}/v2.0` : provider.issuer,
    ...((discoveryUrl || isTemplate) && { discoveryUrl: `${provider.issuer}/.well-known/openid-configuration` }),
    ...(logoutUrl && { logoutUrl: logoutUrl.replace(originOf(logoutUrl), provider.issuer) }),
    scopes,
  };
  return { settings, audiences: audiencesOf(settings, provider), login: await loginOf(`${name}.md`) };
}

/** What an access token for the API is for. */
function audiencesOf({ apis, audience, resource, scopes = [] }, provider) {
  const [api] = apis;
  const named = [api.resource, api.audience, audience, ...[resource].flat()].filter(Boolean);
  const byScope = [...scopes, ...(api.scope?.split(' ') ?? [])].filter((scope) => scope.includes('://')).map((scope) => scope.replace(/\/[^/]*$/, ''));
  return [...named, ...byScope, ...(named.length || byScope.length ? [] : [provider.api])];
}
