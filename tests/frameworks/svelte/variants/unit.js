export { flushSync, mount, unmount } from "svelte";
export { createAuthStore, requireAuth } from "wristband-spa-auth/svelte";
export { default as Unit } from "./Unit.svelte";
