import { Location } from '@angular/common';
import { computed, DestroyRef, EnvironmentProviders, inject, Injectable, InjectionToken, makeEnvironmentProviders, signal } from '@angular/core';
import { CanActivateFn, Router } from '@angular/router';
import { type AuthOptions, type AuthState, openAuth } from 'wristband-spa-auth';

const AUTH_OPTIONS = new InjectionToken<AuthOptions>('AUTH_OPTIONS');

/** The files of the vault are copied by `assets` in `angular.json`. */
const FILES = { workerUrl: '/vault/vault.js', wasmUrl: '/vault/vault.wasm' };

export function provideAuth(options: AuthOptions): EnvironmentProviders {
  return makeEnvironmentProviders([{ provide: AUTH_OPTIONS, useValue: { ...FILES, ...options } }, AuthService]);
}

/** The session: its state as signals, and `auth` for everything else. */
@Injectable()
export class AuthService {
  readonly #location = inject(Location);
  readonly #router = inject(Router);

  readonly auth = openAuth({
    ...inject(AUTH_OPTIONS),
    // The router shows the page to which a sign-in returns. Its own paths begin after the base.
    navigate: (path) => void this.#router.navigateByUrl(this.#location.normalize(path), { replaceUrl: true }),
  });

  readonly #state = signal<AuthState>(this.auth.state);
  readonly state = this.#state.asReadonly();
  readonly isSignedIn = computed(() => this.state().status === 'signed-in');

  constructor() {
    const stop = this.auth.subscribe((state) => this.#state.set(state));
    inject(DestroyRef).onDestroy(() => {
      stop();
      this.auth.dispose();
    });
  }
}

/**
 * Waits until it is known whether the user is signed in, and logs in if not. After a failed sign-in, and if no login can start, it lets the page
 * be shown, which then says why.
 */
export const authGuard: CanActivateFn = async (_route, { url }) => {
  const { auth } = inject(AuthService);
  const returnTo = new URL(inject(Location).prepareExternalUrl(url), location.origin).href;
  await auth.ready.catch(() => {});
  if (auth.state.status !== 'signed-out') return true;
  try {
    // The router has not changed the URL yet: Back then leads to the page with the link. Otherwise Back would only log in again.
    await auth.login({ automatic: true, keepInHistory: returnTo !== location.href, returnTo });
  } catch {
    return true;
  }
  // The browser leaves: the router must not undo the navigation meanwhile.
  return new Promise(() => {});
};
