// The users that the provider knows.
export const ada = { email: 'ada@acme.example', password: 'lovelace', tenant: 'acme', role: 'app:invotastic:owner' };
export const grace = { email: 'grace@acme.example', password: 'hopper', tenant: 'acme', role: 'app:invotastic:viewer' };
export const hank = { email: 'hank@globex.example', password: 'scorpio', tenant: 'globex', role: 'app:invotastic:owner' };
