import { createAuth, type AuthState } from "wristband-spa-auth";

const find = <E extends Element>(selector: string): E => document.querySelector<E>(selector)!;

const words = {
  loading: () => "Loading",
  "signed-out": () => "Signed out",
  "signed-in": (state: AuthState & { status: "signed-in" }) => `Signed in to ${state.tenantName}`,
  failed: (state: AuthState & { status: "failed" }) => `Failed: ${state.error.code}`,
};
const show = (state: AuthState): void => {
  find("[role=status]").textContent = words[state.status](state as never);
};

const settings = await (await fetch("/config.json")).json();
const auth = await createAuth({ ...settings, defaultTenantName: "acme" });
auth.subscribe(show);
show(auth.state);
find<HTMLButtonElement>("#login").onclick = () => auth.login();
find<HTMLButtonElement>("#call").onclick = async () => {
  const answer = await auth.fetch(`${settings.apis[0]}me`).then(
    async (response) => (response.ok ? (await response.json()).email : `Status ${response.status}`),
    (error) => error.code,
  );
  find("#answer").textContent = answer;
};
