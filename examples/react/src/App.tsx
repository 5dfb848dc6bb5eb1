import { Suspense } from "react";
import { Account } from "./Account";
import { Boundary } from "./Boundary";
import { Link, usePath } from "./router";
import { SignedIn } from "./SignedIn";
import { Session, Status } from "./Status";

export function App() {
  const path = usePath();
  return (
    <>
      <header>
        <h1>Sign-in with React</h1>
        <nav>
          <Link to="/">Home</Link>
          <Link to="/account">Account</Link>
        </nav>
      </header>
      <main>
        <Boundary>
          <Suspense fallback={<Status status="loading" />}>
            <Session />
            {path === "/account" ? <SignedIn><Account /></SignedIn> : <Home />}
          </Suspense>
        </Boundary>
      </main>
    </>
  );
}

function Home() {
  return (
    <section>
      <h2>Open to everyone</h2>
      <p>Your <Link to="/account">account</Link> is for people who are signed in. Reload either page: the session stays.</p>
    </section>
  );
}
