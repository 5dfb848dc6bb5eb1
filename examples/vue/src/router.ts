import { createRouter, createWebHistory } from "vue-router";
import AccountPage from "./AccountPage.vue";
import HomePage from "./HomePage.vue";
import LoginPage from "./LoginPage.vue";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/account", component: AccountPage, meta: { requiresAuth: true } },
    // The application's login URL: Wristband redirects users here so that the app starts their login.
    { path: "/login", component: LoginPage },
    // The callback needs no page of its own: the user sees this one for a moment, and then the page that the login returns to.
    { path: "/:path(.*)*", component: HomePage },
  ],
});
