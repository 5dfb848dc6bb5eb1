import { Component, inject, signal } from '@angular/core';
import { AuthService } from './auth';

@Component({
  selector: 'app-login-page',
  template: `
    @if (error(); as problem) {
      <p role="alert">{{ problem.message }}</p>
    }
  `,
})
export class LoginPage {
  protected readonly error = signal<Error | undefined>(undefined);

  constructor() {
    inject(AuthService).auth.loginFromUrl().catch((problem) => this.error.set(problem));
  }
}
