import { readonly, ref } from "vue";

const path = ref(location.pathname);

// After a login the library restores the URL, and dispatches `popstate` as the back button does.
addEventListener("popstate", () => (path.value = location.pathname));

export function useRouter() {
  const go = (to: string) => {
    history.pushState(null, "", to);
    path.value = to;
  };
  return { path: readonly(path), go };
}
