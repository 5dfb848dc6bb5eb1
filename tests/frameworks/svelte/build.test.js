// The example for SvelteKit, as it builds for a static host.
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { built } from './support.js';

livesThrough(await built(await example('sveltekit', 'sveltekit-build', import.meta.dirname)));
