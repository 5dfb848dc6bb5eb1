// Shows a tree, and lets a test control its session.
import { Component, createElement as h, StrictMode, useEffect, version } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { CASES } from './cases.js';
import { breakSessions, errorOf, fakeAuth, opened } from './fake_auth.js';

class Boundary extends Component {
  state = {};

  static getDerivedStateFromError(error) {
    return { error };
  }

  render() {
    return this.state.error ? h('p', { id: 'thrown' }, this.state.error.code ?? this.state.error.message) : this.props.children;
  }
}

/** Calls `committed` when everything below is shown and all its effects have run. */
function Root({ children, committed }) {
  useEffect(committed);
  return children;
}

const recovered = [];
const onRecoverableError = (error) => recovered.push(String(error));
const container = document.getElementById('root');
const tree = (name, committed, given) => h(StrictMode, null, h(Root, { committed }, h(Boundary, null, CASES[name](given))));
let root;

Object.assign(window, {
  version, opened, recovered, breakSessions, errorOf, fakeAuth,
  show: (name, given) => new Promise((committed) => {
    root ??= createRoot(container, { onRecoverableError });
    root.render(tree(name, committed, given));
  }),
  hydrate: (name, html) => new Promise((committed) => {
    container.innerHTML = html;
    root = hydrateRoot(container, tree(name, committed), { onRecoverableError });
  }),
  unmount: () => root.unmount(),
});
