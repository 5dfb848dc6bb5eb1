// The trees that the tests show, in a browser and on a server.
import { createElement as h, Suspense, useEffect, useState } from 'react';
import { AuthProvider, RequireAuth, useAuth, useUserInfo } from 'wristband-spa-auth/react';

const OPTIONS = { clientId: 'client' };

function Shown() {
  const { state, isLoading, isAuthenticated, error } = useAuth();
  return h('p', { id: 'shown' }, [state.status, isLoading, isAuthenticated, error?.code].join(' '));
}

function UserInfo({ id }) {
  const { data, error, isLoading, refetch } = useUserInfo();
  return h('button', { id, onClick: refetch }, [data?.fullName, error?.code, isLoading].join(' '));
}

const SuspendedUserInfo = () => h('p', { id: 'user' }, useUserInfo({ suspense: true }).data.fullName);

/** Calls the API when it is mounted: before the provider's own effect. */
function Early() {
  const { fetch } = useAuth();
  const [answer, setAnswer] = useState('');
  useEffect(() => {
    fetch('/early').then(setAnswer);
  }, [fetch]);
  return h('p', { id: 'early' }, answer);
}

/** Has a state of its own, which another user must not see. */
function Draft() {
  const [text, setText] = useState('empty');
  return h('button', { id: 'draft', onClick: () => setText('written') }, text);
}

const login = { tenantName: 'acme' };

export const CASES = {
  state: () => h(AuthProvider, { options: { ...OPTIONS } }, h(Shown)),
  given: (auth) => h(AuthProvider, { auth }, h(Shown)),
  early: () => h(AuthProvider, { options: OPTIONS }, h(Early)),
  guard: () => h(AuthProvider, { options: OPTIONS }, h(RequireAuth, { login, fallback: h('p', { id: 'wait' }, 'wait') }, h(Draft))),
  failure: () => h(AuthProvider, { options: OPTIONS }, h(RequireAuth, {
    failure: ({ error, retry }) => h('button', { id: 'again', onClick: retry }, error ? error.code : 'logged out'),
  }, h('p', { id: 'inside' }))),
  userInfo: () => h(AuthProvider, { options: OPTIONS }, h(UserInfo, { id: 'one' }), h(UserInfo, { id: 'two' })),
  suspended: () => h(AuthProvider, { options: OPTIONS }, h(Suspense, { fallback: h('p', { id: 'wait' }, 'wait') }, h(SuspendedUserInfo))),
  suspendedWhole: () => h(Suspense, { fallback: h('p', { id: 'wait' }, 'wait') }, h(AuthProvider, { options: OPTIONS }, h(SuspendedUserInfo))),
  outside: () => h(Shown),
};
