// An app that signs in, and keeps the session in a global variable, which the recipes use.
import { createAuth } from 'wristband-spa-auth';

const { apiUrl, ...options } = await (await fetch('/config.json')).json();
const auth = await createAuth(options);
if (auth.state.status === 'signed-out') await auth.login({ tenantName: 'acme' });
else window.auth = auth;
