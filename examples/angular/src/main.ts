import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter } from '@angular/router';
import { App } from './app/app';
import { routes } from './app/app.routes';
import { provideAuth } from './app/auth';
import { API_URL } from './app/account-page';

// One build serves every environment: its settings are in a file next to the page.
const { apiUrl, ...options } = await (await fetch('/config.json')).json();

bootstrapApplication(App, {
  providers: [provideRouter(routes), provideAuth(options), { provide: API_URL, useValue: apiUrl }],
}).catch((error) => console.error(error));
