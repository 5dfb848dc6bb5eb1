import { createAuth } from "/wristband-spa-auth/index.js";

const LINES = {
  loading: () => "Finding out…",
  "signed-out": () => "Signed out",
  failed: () => "The sign-in failed",
  "signed-in": ({ tenantName }) => `Signed in to ${tenantName ?? "the app"}`,
};

const REASONS = {
  "never-signed-in": "Nobody has signed in here yet.",
  "signed-out": "You logged out.",
  expired: "The session has ended.",
  idle: "Nobody used the app for a while.",
};

const HOMES = {
  shared: "The tokens are in a worker that all tabs share.",
  worker: "The tokens are in a worker of this tab.",
  page: "The tokens are in the memory of this page.",
};

const find = (selector) => document.querySelector(selector);

/** Shows the state of the session, and the parts of this page that fit it. */
function show(state) {
  const isSignedIn = state.status === "signed-in";
  const isAccount = location.pathname === "/account";
  find(".status").dataset.status = state.status;
  find("[role=status]").textContent = LINES[state.status](state);
  find("#more").textContent = (isSignedIn ? HOMES[state.vault] : REASONS[state.reason]) ?? "";
  complain(state.error);
  find("#log-out").hidden = !isSignedIn;
  find("#home").hidden = isAccount;
  // A protected page: a user who is not signed in is asked to log in, and returns to this URL.
  find("#log-in").hidden = !isAccount || isSignedIn || state.status === "loading";
  find("#account").hidden = !isAccount || !isSignedIn;
  for (const link of document.querySelectorAll("nav a")) link.ariaCurrent = link.pathname === location.pathname ? "page" : null;
}

function complain(error) {
  find("#problem").textContent = error?.message ?? "";
}

/** Runs an action on an event of a form or a button. Shows its error, if it fails. */
function on(event, selector, action) {
  find(selector).addEventListener(event, (happened) => {
    happened.preventDefault();
    complain();
    action(happened.target).catch(complain);
  });
}

/** Fills in the account page, once for each user. */
function showPerson(auth) {
  let shown;
  return async ({ userId }) => {
    if (location.pathname !== "/account" || shown === userId) return;
    shown = userId;
    if (!userId) return;
    const user = await auth.userInfo();
    find("#name").textContent = user.fullName ?? user.userId;
    find("#email").textContent = user.email ?? "–";
    find("#roles").textContent = user.roles.map(({ name }) => name).join(", ") || "–";
  };
}

async function start() {
  // One build serves every environment: its settings are in a file next to the page.
  const { apiUrl, ...options } = await (await fetch("/config.json")).json();
  const auth = await createAuth(options);
  const person = showPerson(auth);
  const render = (state) => {
    show(state);
    person(state).catch(complain);
  };
  auth.subscribe(render);
  // After a login the library restores the URL, and dispatches `popstate` as the back button does.
  addEventListener("popstate", () => render(auth.state));
  render(auth.state);

  on("click", "#log-out", () => auth.logout());
  // Without a tenant, Wristband's own page asks for it.
  on("submit", "#log-in form", (form) => auth.login({ tenantName: form.tenant.value || undefined }));
  on("submit", "#api form", async () => {
    // The worker adds the access token.
    const response = await auth.fetch(apiUrl);
    find("#answer").textContent = JSON.stringify(await response.json(), null, 2);
    find("#answer").hidden = false;
  });

  // The application's login URL: Wristband redirects users here so that the app starts their login.
  if (location.pathname === "/login") await auth.loginFromUrl();
}

start().catch((error) => show({ status: "failed", error }));
