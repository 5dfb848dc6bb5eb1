// The example for Vue, as Vite builds it.
import { build } from 'vite';
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { built } from '../support/vite.js';

const root = await example('vue', 'vue-build', import.meta.dirname);

// Vue makes a policy of its own.
livesThrough({ start: await built(build, root), policy: { policies: 'vue' } });
