import { client, data } from 'recipe:openapi-fetch';

export const works = () => data;
export const fails = async () => {
  const { error, response } = await client.GET('/forbidden');
  return ['error', response.status, error];
};
export const aborts = (signal) => client.GET('/never', { signal }).catch(({ name }) => name);
