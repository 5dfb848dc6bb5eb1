import { gql } from '@apollo/client';
import { client, data } from 'recipe:Apollo Client';

export const works = () => data;
export const fails = () => client.query({ query: gql`query { forbidden }` }).catch(({ name, statusCode }) => [name, statusCode]);
export const aborts = (signal) => client.query({ query: gql`query { never }`, context: { fetchOptions: { signal } } }).catch(({ name }) => name);
