// The example for Angular on its dev server.
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { PAGE_POLICY, served } from './support.js';

const root = await example('angular', 'angular-dev', import.meta.dirname);

livesThrough({ start: await served(root), policy: { ...PAGE_POLICY, script: "'unsafe-inline'", style: "'unsafe-inline'" } });
