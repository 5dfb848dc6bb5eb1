// The example for Angular, as it builds.
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { built, PAGE_POLICY } from './support.js';

const root = await example('angular', 'angular-build', import.meta.dirname);

livesThrough({ start: await built(root), policy: PAGE_POLICY });
