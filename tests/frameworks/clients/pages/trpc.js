import { TRPCClientError } from '@trpc/client';
import { client, data } from 'recipe:tRPC';

export const works = () => data;
export const fails = () => client.forbidden.query().catch((error) => [error instanceof TRPCClientError, error.data.httpStatus]);
export const aborts = (signal) => client.never.query(undefined, { signal }).catch(({ cause }) => cause.name);
