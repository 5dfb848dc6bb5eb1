import { client, data } from 'recipe:axios';

export const works = () => data;
export const fails = () => client.get('forbidden').catch(({ name, response }) => [name, response.status, response.data]);
export const aborts = (signal) => client.get('never', { signal }).catch(({ name }) => name);
