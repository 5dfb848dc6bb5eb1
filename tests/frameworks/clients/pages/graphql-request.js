import { client, data } from 'recipe:graphql-request';

export const works = () => data;
export const fails = () => client.request('query { forbidden }').catch(({ constructor, response }) => [constructor.name && 'ClientError', response.status]);
export const aborts = (signal) => client.request({ document: 'query { never }', signal }).catch(({ name }) => name);
