// What the program says when it is ready.

/** An object as JavaScript, with one line for each member. */
function literal(object) {
  const lines = Object.entries(object).map(([name, value]) => `  ${name}: ${JSON.stringify(value).replaceAll('","', '", "')},`);
  return ['{', ...lines, '}'].join('\n');
}

/** The users with their passwords and tenants, one for each line. */
function usersOf(users) {
  const width = (name) => Math.max(...users.map((user) => user[name].length));
  return users.map(({ email, password, tenant }) => `  ${email.padEnd(width('email'))}  ${password.padEnd(width('password'))}  ${tenant}`);
}

export function greeting({ appSettings, control, port, scheme, api }) {
  return [
    'The provider is ready. The settings of your app, for createAuth:',
    '',
    literal(appSettings),
    '',
    'Users, with password and tenant:',
    '',
    ...usersOf(control.users()),
    '',
    `The API answers GET ${api}me, GET ${api}invoices and POST ${api}echo.`,
    `Settings and faults: ${scheme}://localhost:${port}/__control/`,
    '',
  ].join('\n');
}
