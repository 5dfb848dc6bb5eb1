// The example for Solid, as Vite builds it.
import { build } from 'vite';
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { built } from '../support/vite.js';

const root = await example('solid', 'solid-build', import.meta.dirname);

// Solid makes elements from strings.
livesThrough({ start: await built(build, root), policy: { hasTrustedTypes: false } });
