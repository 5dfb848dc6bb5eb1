import { Routes } from '@angular/router';
import { AccountPage } from './account-page';
import { authGuard } from './auth';
import { HomePage } from './home-page';
import { LoginPage } from './login-page';

export const routes: Routes = [
  { path: 'account', component: AccountPage, canActivate: [authGuard] },
  // The application's login URL: Wristband redirects users here so that the app starts their login.
  { path: 'login', component: LoginPage },
  // The callback needs no page of its own: the user sees this one for a moment, and then the page that the login returns to.
  { path: '**', component: HomePage },
];
