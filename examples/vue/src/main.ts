import { createApp } from "vue";
import { createAuthPlugin } from "wristband-spa-auth/vue";
import App from "./App.vue";
import { router } from "./router";
import { options } from "./settings";
import "./style.css";

createApp(App).use(createAuthPlugin(options, { router })).use(router).mount("#app");
