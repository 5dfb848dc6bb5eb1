import { Account } from "./Account";
import { auth } from "./auth";

export function App() {
  return <Account auth={auth} />;
}
