// The plugin does not know the router: nothing tells it where a sign-in returns, except the URL.
import { createApp } from "vue";
import { createAuthGuard, createAuthPlugin } from "wristband-spa-auth/vue";
import App from "./App.vue";
import { router } from "./router";
import { options } from "./settings";
import "./style.css";

const guard = createAuthGuard(router);
router.beforeEach((to) => (to.meta.requiresAuth ? guard(to) : undefined));

createApp(App).use(router).use(createAuthPlugin(options)).mount("#app");
