import { CancelledError, QueryClient } from '@tanstack/react-query';
import { client, data, query } from 'recipe:TanStack Query';

const at = (path) => ({
  queryKey: [path],
  queryFn: async ({ signal }) => {
    const response = await window.auth.fetch(new URL(path, window.apiPrefix), { signal });
    return response.json();
  },
});

export const works = () => [data, client instanceof QueryClient, client.getQueryData(query.queryKey)];
export const fails = () => client.fetchQuery({ queryKey: ['unlisted'], queryFn: () => window.auth.fetch('/unlisted') }).catch(({ code }) => code);
export const aborts = async (signal) => {
  signal.addEventListener('abort', () => client.cancelQueries({ queryKey: ['never'] }));
  return client.fetchQuery(at('never')).catch((error) => error instanceof CancelledError && 'CancelledError');
};
