import { Component, type ReactNode } from "react";
import { Status } from "./Status";

/** Shows why no session could be started: mostly because of a wrong setting. */
export class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error ? <Status status="failed" error={error} /> : this.props.children;
  }
}
