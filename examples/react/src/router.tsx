import { type MouseEvent, useSyncExternalStore } from "react";

/** The library announces a return address in the same way as the back button does: with `popstate`. */
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
    // A link to be opened in another tab is the browser's.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  };
  return <a href={to} onClick={go} aria-current={isHere ? "page" : undefined}>{children}</a>;
}
