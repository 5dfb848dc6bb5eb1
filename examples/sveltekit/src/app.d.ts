import type { AuthStore } from "wristband-spa-auth/svelte";

declare global {
  namespace App {
    interface PageData {
      apiUrl: string;
      auth: AuthStore;
    }
  }
}

export {};
