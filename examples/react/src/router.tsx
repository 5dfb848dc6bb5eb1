import { type MouseEvent, useSyncExternalStore } from "react";

/** After a login the library restores the URL, and dispatches `popstate` as the back button does. */
function subscribe(listener: () => void) {
  addEventListener("popstate", listener);
  return () => removeEventListener("popstate", listener);
}

export function usePath() {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

export function Link({ to, children }: { to: string; children: string }) {
  const isHere = usePath() === to;
  const go = (event: MouseEvent) => {
    // The browser handles links that open in another tab.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  };
  return <a href={to} onClick={go} aria-current={isHere ? "page" : undefined}>{children}</a>;
}
