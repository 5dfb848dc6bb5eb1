import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AuthService } from './auth';

@Component({
  selector: 'app-home-page',
  imports: [RouterLink],
  template: `
    <section>
      <h2>Open to everyone</h2>
      <p>Your <a routerLink="/account">account</a> is for people who are signed in. Reload either page: the session stays.</p>
      @if (state().status === 'signed-out') {
        <form (submit)="logIn($event, tenant.value)">
          <label>Tenant name <input #tenant placeholder="acme" autocapitalize="none" /></label>
          <button class="primary">Log in</button>
        </form>
      }
      @if (error(); as problem) {
        <p role="alert">{{ problem.message }}</p>
      }
    </section>
  `,
})
export class HomePage {
  readonly #session = inject(AuthService);
  protected readonly state = this.#session.state;
  protected readonly error = signal<Error | undefined>(undefined);

  protected logIn(event: Event, tenantName: string): void {
    event.preventDefault();
    // Without a tenant, Wristband's own page asks for it.
    this.#session.auth.login({ tenantName: tenantName || undefined, returnTo: '/account' }).catch((problem) => this.error.set(problem));
  }
}
