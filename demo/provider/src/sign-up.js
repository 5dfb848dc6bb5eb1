// The page at which a new tenant signs up, with its first user.
import { sendSignUpPage } from './pages.js';

const NAME = /^[a-z][a-z0-9]{0,30}$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;

function complaint(directory, { tenantName, email, password }) {
  if (!NAME.test(tenantName)) return 'The name of a tenant has 1 to 31 small letters and digits, and starts with a letter.';
  if (directory.findTenant(tenantName)) return 'A tenant with this name exists.';
  if (!EMAIL.test(email)) return 'This is not an email address.';
  if (directory.findUserByEmail(email)) return 'A user with this email address exists.';
  if (!password) return 'A password is missing.';
  return undefined;
}

/** `enter(user)` returns the URL that signs a new user in. */
export function createSignUp({ directory, enter }) {
  return async (ctx) => {
    if (ctx.method !== 'POST') return sendSignUpPage(ctx, {});
    const { tenant_name: name, email, password } = ctx.state.form ?? {};
    const form = { tenantName: String(name ?? '').trim().toLowerCase(), email: String(email ?? '').trim().toLowerCase(), password };
    const alert = complaint(directory, form);
    if (alert) return sendSignUpPage(ctx, { ...form, alert });
    ctx.redirect(await enter(directory.signUp(form)));
    ctx.status = 303;
    return undefined;
  };
}
