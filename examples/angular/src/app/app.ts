import { Component } from '@angular/core';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { StatusLine } from './status-line';

@Component({
  selector: 'app-root',
  imports: [RouterLink, RouterLinkActive, RouterOutlet, StatusLine],
  template: `
    <header>
      <h1>Sign-in with Angular</h1>
      <nav>
        <a routerLink="/" routerLinkActive ariaCurrentWhenActive="page" [routerLinkActiveOptions]="{ exact: true }">Home</a>
        <a routerLink="/account" routerLinkActive ariaCurrentWhenActive="page">Account</a>
      </nav>
    </header>
    <main>
      <app-status-line />
      <router-outlet />
    </main>
  `,
})
export class App {}
