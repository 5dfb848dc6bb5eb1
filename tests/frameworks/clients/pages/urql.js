import { gql } from '@urql/core';
import { client, data } from 'recipe:urql';

export const works = () => data;
export const fails = async () => {
  const { error } = await client.query(gql`query { forbidden }`, {}).toPromise();
  return [error.name, error.response.status];
};
export const aborts = (signal) => new Promise((resolve) => {
  const { unsubscribe } = client.query(gql`query { never }`, {}).subscribe(() => {});
  signal.addEventListener('abort', () => {
    unsubscribe();
    resolve('unsubscribed');
  });
});
