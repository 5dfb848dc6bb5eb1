import { Component, computed, inject, signal } from '@angular/core';
import { AuthService } from './auth';

/** What a protected page shows instead after a logout, and after a failed sign-in: the user decides. */
@Component({
  selector: 'app-log-in',
  template: `
    @if (status() === 'signed-out' || status() === 'failed') {
      <section>
        <h2>Log in to go on</h2>
        @if (error(); as problem) {
          <p role="alert">{{ problem.message }}</p>
        }
        <button class="primary" (click)="logIn()">{{ status() === 'failed' || error() ? 'Try again' : 'Log in' }}</button>
      </section>
    }
  `,
})
export class LogIn {
  readonly #session = inject(AuthService);
  protected readonly status = computed(() => this.#session.state().status);
  protected readonly error = signal<Error | undefined>(undefined);

  protected logIn(): void {
    this.#session.auth.login().catch((problem) => this.error.set(problem));
  }
}
