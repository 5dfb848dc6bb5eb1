import { client, data } from 'recipe:ky';

export const works = () => data;
export const fails = () => client.get('forbidden').catch(async ({ name, response }) => [name, response.status, await response.json()]);
export const aborts = (signal) => client.get('never', { signal }).catch(({ name }) => name);
