import { client, data } from 'recipe:supabase-js';

export const works = () => data;
export const fails = async () => {
  const { error, status } = await client.from('forbidden').select();
  return [error.message, status];
};
export const aborts = async (signal) => {
  const { error } = await client.from('never').select().abortSignal(signal);
  return error.message;
};
