import { Component, inject } from '@angular/core';
import { AuthService } from './auth';

@Component({
  selector: 'app-status-line',
  template: `
    <section class="status" [attr.data-status]="state().status">
      @let now = state();
      @switch (now.status) {
        @case ('loading') {
          <p role="status">Finding out…</p>
        }
        @case ('signed-out') {
          <div>
            <p role="status">Signed out</p>
            <small>{{ reasons[now.reason] }}</small>
          </div>
        }
        @case ('failed') {
          <div>
            <p role="status">The sign-in failed</p>
            <p role="alert">{{ now.error.message }}</p>
          </div>
        }
        @case ('signed-in') {
          <div>
            <p role="status">Signed in to {{ now.tenantName ?? 'the app' }}</p>
            <small>{{ homes[now.vault] }}</small>
          </div>
          <button (click)="logOut()">Log out</button>
        }
      }
    </section>
  `,
})
export class StatusLine {
  readonly #session = inject(AuthService);
  protected readonly state = this.#session.state;

  protected readonly reasons = {
    'never-signed-in': 'Nobody has signed in here yet.',
    'signed-out': 'You logged out.',
    expired: 'The session has ended.',
    idle: 'Nobody used the app for a while.',
  };

  protected readonly homes = {
    shared: 'The tokens are in a worker that all tabs share.',
    worker: 'The tokens are in a worker of this tab.',
    page: 'The tokens are in the memory of this page.',
  };

  protected logOut(): void {
    void this.#session.auth.logout();
  }
}
