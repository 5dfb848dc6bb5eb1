// Renders a tree as a server does.
import { createElement as h, StrictMode, version } from 'react';
import { renderToString } from 'react-dom/server';
import { CASES } from './cases.js';

export { version };

// The browser has an error boundary around it, which renders nothing of its own.
const Boundary = ({ children }) => children;

export const render = (name) => renderToString(h(StrictMode, null, h(Boundary, null, CASES[name]())));
