import { Component, inject, InjectionToken, resource, signal } from '@angular/core';
import { AuthService } from './auth';
import { LogIn } from './log-in';

export const API_URL = new InjectionToken<string>('API_URL');

@Component({
  selector: 'app-account-page',
  imports: [LogIn],
  template: `
    @if (session.isSignedIn()) {
      <section aria-labelledby="person">
        <h2 id="person">User info</h2>
        @if (user.error(); as problem) {
          <p role="alert">{{ problem.message }}</p>
        } @else if (user.value(); as info) {
          <dl>
            <dt>Name</dt><dd>{{ info.fullName ?? info.userId }}</dd>
            <dt>Email</dt><dd>{{ info.email ?? '–' }}</dd>
            <dt>Roles</dt><dd>{{ roles() }}</dd>
          </dl>
        }
      </section>
      <section aria-labelledby="api">
        <h2 id="api">API</h2>
        <div><button (click)="callApi()">Call API</button></div>
        @if (error(); as problem) {
          <p role="alert">{{ problem.message }}</p>
        }
        @if (answer(); as text) {
          <pre>{{ text }}</pre>
        }
      </section>
    } @else {
      <app-log-in />
    }
  `,
})
export class AccountPage {
  readonly #apiUrl = inject(API_URL);
  protected readonly session = inject(AuthService);
  protected readonly answer = signal('');
  protected readonly error = signal<Error | undefined>(undefined);

  /** Fetched again when another user signs in. */
  protected readonly user = resource({
    params: () => {
      const state = this.session.state();
      return state.status === 'signed-in' ? `${state.userId} ${state.tenantId}` : undefined;
    },
    loader: () => this.session.auth.userInfo(),
  });

  protected roles(): string {
    return this.user.value()?.roles.map(({ name }) => name).join(', ') || '–';
  }

  protected async callApi(): Promise<void> {
    try {
      // The worker adds the access token.
      const response = await this.session.auth.fetch(this.#apiUrl);
      this.answer.set(JSON.stringify(await response.json(), null, 2));
    } catch (problem) {
      this.error.set(problem as Error);
    }
  }
}
