import { Account } from "./Account";
import { auth } from "./auth";
import { AuthContext } from "./session";

export function App() {
  return (
    <AuthContext value={auth}>
      <Account />
    </AuthContext>
  );
}
