import { Code, ConnectError } from '@connectrpc/connect';
import { client, invoice } from 'recipe:connect-web';

export const works = () => invoice.total;
export const fails = () => client.getInvoice({ id: 'forbidden' }).catch((error) => [error instanceof ConnectError, Code[error.code]]);
export const aborts = (signal) => client.getInvoice({ id: 'never' }, { signal }).catch((error) => Code[error.code]);
