// An app without the plugin's guard: its own awaits the session before the router shows its first page, which may be a callback.
import { createApp } from "vue";
import { createAuth } from "wristband-spa-auth";
import { createAuthPlugin } from "wristband-spa-auth/vue";
import App from "./App.vue";
import { router } from "./router";
import { options } from "./settings";
import "./style.css";

const opened = createAuth(options);

router.beforeEach(async (to, from) => {
  const auth = await opened;
  if (!to.meta.requiresAuth || auth.state.status !== "signed-out") return;
  await auth.login({ automatic: true, keepInHistory: from.matched.length > 0, returnTo: router.resolve(to).href });
  return false;
});

const app = createApp(App).use(router);
opened.then((auth) => app.use(createAuthPlugin(auth)).mount("#app"));
